// Everything a model file needs: `#include <gradc/dsl.h>`, standard library only, all constexpr.
#pragma once

#include <gradc/build.h>
#include <gradc/data.h>
#include <gradc/freeze.h>
#include <gradc/nn.h>
#include <gradc/optim.h>
#include <gradc/transformer.h>
