// The floating-point environment that generated code counts on.
//
// While an Environment lives, its thread rounds to nearest, keeps subnormals, and traps on nothing;
// then it gets back what it had. Any library linked with -ffast-math may have changed that for the
// whole process, and bits would differ. Construct one on entry to a step, on each thread that takes
// part (Team does so for its own); it belongs to the thread that made it.
//
// Reading the control register waits for all arithmetic before it, some ten cycles. An Environment
// within the life of another one of its thread trusts that one and reads nothing: a loop of many
// short steps holds one around all of them.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace gradc::core {

class Environment {
 public:
  Environment() : saved_(alive_++ == 0 ? control() : kDefault) {
    if (saved_ != kDefault) set_control(kDefault);
  }
  ~Environment() {
    if (saved_ != kDefault) set_control(saved_);
    --alive_;
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
#if defined(__SSE2__)
  // MXCSR: all exceptions masked; no rounding mode, flush-to-zero or denormals-are-zero bit. The
  // low six bits only record what happened.
  static constexpr std::uint64_t kDefault = 0x1f80;
  static constexpr std::uint64_t kStatus = 0x3f;
  static std::uint64_t control() { return _mm_getcsr() & ~kStatus; }
  static void set_control(std::uint64_t value) {
    _mm_setcsr(static_cast<unsigned>(value | (_mm_getcsr() & kStatus)));
  }
#elif defined(__aarch64__)
  static constexpr std::uint64_t kDefault = 0;  // FPCR
  static std::uint64_t control() {
    std::uint64_t value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void set_control(std::uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
  static constexpr std::uint64_t kDefault = 0;  // nothing known to set
  static std::uint64_t control() { return kDefault; }
  static void set_control(std::uint64_t) {}
#endif

  static inline constinit thread_local int alive_ = 0;  // of this thread

  std::uint64_t saved_;
};

}  // namespace gradc::core
