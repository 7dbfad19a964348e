#include <gradc/app/peak_loops.h>

namespace gradc::app {

extern const PeakLoops kPeakAvx2;
const PeakLoops kPeakAvx2 = peak_loops<5, true>();

}  // namespace gradc::app
