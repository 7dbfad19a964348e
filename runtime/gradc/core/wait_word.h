// A number that one thread changes and others wait for.
//
//   word.wait(0, 500);   // returns when the word is no longer 0
//   word.publish(1);     // by another thread; what it wrote before is visible to those who waited
//
// One thread at a time publishes. A waiting thread first spins, so that a hand-off between running
// threads takes a fraction of a microsecond, then sleeps in the kernel. Who sleeps is counted in
// the word itself. std::atomic::wait counts in a table of the library's, of which a program and a
// shared object that it loads may have one each: then nobody is woken. So on Linux the word calls
// the kernel itself.
#pragma once

#include <atomic>
#include <climits>
#include <cstdint>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace gradc::core {

class WaitWord {
 public:
  // The publisher's own, or a first value to wait from: it orders nothing.
  std::uint32_t peek() const { return value_.load(std::memory_order_relaxed); }

  void publish(std::uint32_t value) {
    // In one order with a sleeper's count and its last look: either it sees the new value, or it is
    // seen here.
    value_.store(value, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) != 0) wake();
  }

  // Returns when the value is not `old`, after at most `spins` looks without going to sleep.
  void wait(std::uint32_t old, int spins) {
    for (int spin = 0; spin < spins; ++spin) {
      if (value_.load(std::memory_order_acquire) != old) return;
      pause();
    }
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    while (value_.load(std::memory_order_seq_cst) == old) sleep(old);
    sleepers_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
#if defined(__linux__)
  static_assert(sizeof(std::atomic<std::uint32_t>) == 4 &&
                std::atomic<std::uint32_t>::is_always_lock_free);

  // Returns at once if the value is not `old`, and may return for no reason.
  void sleep(std::uint32_t old) {
    syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, old, nullptr, nullptr, 0);
  }
  void wake() { syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0); }
#else
  void sleep(std::uint32_t old) { value_.wait(old, std::memory_order_acquire); }
  void wake() { value_.notify_all(); }
#endif

  static void pause() {
#if defined(__SSE2__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  std::atomic<std::uint32_t> value_ = 0;
  std::atomic<std::uint32_t> sleepers_ = 0;
};

}  // namespace gradc::core
