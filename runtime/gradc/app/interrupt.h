// Ctrl-C as a wish to stop at the next good place.
#pragma once

namespace gradc::app {

// While one lives, the first SIGINT, SIGTERM or SIGHUP (the terminal is gone) only sets a flag; a
// second one ends the program as usual. A SIGHUP that was ignored stays so. There may be one at a
// time. Asking costs a load.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool requested() const;
};

}  // namespace gradc::app
