// The macros of the DSL in a model file, watched while Clang's preprocessor meets them.
#pragma once

#include "frontend/event.h"
#include "frontend/read_models.h"

namespace clang {
class Preprocessor;
class SourceLocation;
class SourceManager;
}  // namespace clang

namespace gradc::frontend {

// Sends kBegin for each GRADC_MODEL, so that whoever stops a declaration that does not end knows
// where it stands; and a complaint for each GRADC_OPTION whose -D is no number.
void watch_models(clang::Preprocessor& preprocessor, const Events& events);

// Warns of each of request.defines that nothing in the file has used. To be called at its end.
void warn_of_unused(clang::Preprocessor& preprocessor, const Request& request,
                    const Events& events);

support::Place place_of(const clang::SourceManager& sources, clang::SourceLocation location);

}  // namespace gradc::frontend
