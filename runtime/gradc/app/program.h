// The program around generated models: `nplm train`, `nplm sample` and so on.
//
//   int main(int argc, char** argv) {
//     const gradc::core::Model* const models[] = {&nplm::kModel};
//     return gradc::app::run(argc, argv, models);
//   }
//
// Exit status: 0 done; 1 the data, a checkpoint or the model is wrong, or the disk refuses; 2 wrong
// usage; 130 training was stopped by Ctrl-C or SIGTERM, after a checkpoint. Results go to standard
// output, errors and notes to standard error, each error as one message: "nplm: error: ...".
#pragma once

#include <gradc/core/model.h>

#include <span>

namespace gradc::app {

int run(int argc, char** argv, std::span<const core::Model* const> models);

}  // namespace gradc::app
