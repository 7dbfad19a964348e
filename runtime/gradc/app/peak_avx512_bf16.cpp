#include <gradc/app/peak_loops.h>

namespace gradc::app {

extern const ComputeLoop kPeakAvx512Bf16;
const ComputeLoop kPeakAvx512Bf16 = peak_of_dots<10>();

}  // namespace gradc::app
