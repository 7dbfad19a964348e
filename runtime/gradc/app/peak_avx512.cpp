#include <gradc/app/peak_loops.h>

namespace gradc::app {

extern const PeakLoops kPeakAvx512;
const PeakLoops kPeakAvx512 = peak_loops<10, true>();

}  // namespace gradc::app
