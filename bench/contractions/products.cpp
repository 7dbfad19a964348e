// Each matrix product of products.h as a model of its own, without a batch: all extents are known.
#include "products.h"

#include <gradc/dsl.h>
using namespace gradc;

struct Forward {
  Dim m, k, n;

  constexpr void declare(Graph& g) const {
    g.output("result", matmul(g.input("left", {m, k}), g.input("right", {k, n})));
  }
};

struct InputGradient {
  Dim m, k, n;

  constexpr void declare(Graph& g) const {
    g.output("result", matmul(g.input("left", {m, n}), transpose(g.input("right", {k, n}))));
  }
};

struct WeightGradient {
  Dim m, k, n;

  constexpr void declare(Graph& g) const {
    g.output("result", matmul(transpose(g.input("left", {m, k})), g.input("right", {m, n})));
  }
};

#define GRADC_THREE_PRODUCTS(NAME, M, K, N)       \
  GRADC_MODEL(NAME##_nn, Forward{M, K, N});       \
  GRADC_MODEL(NAME##_nt, InputGradient{M, K, N}); \
  GRADC_MODEL(NAME##_tn, WeightGradient{M, K, N});

GRADC_LAYERS(GRADC_THREE_PRODUCTS)
