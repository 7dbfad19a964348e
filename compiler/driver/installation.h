// Where this gradc finds what belongs to it, in a build tree as in an installed one.
#pragma once

#include <filesystem>

namespace gradc::driver {

// The folder that holds gradc/dsl.h and the runtime's headers; empty if there is none.
std::filesystem::path include_dir();

// libgradc_app.a, which a training program is linked with; empty if there is none.
std::filesystem::path app_library();

}  // namespace gradc::driver
