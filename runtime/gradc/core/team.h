// Threads that stay alive between steps and share the work of each.
//
//   Team team(4);
//   team.run([&](int member, int members) {     // on 4 threads at once; the caller is member 0
//     ...                                       // this member's share of the first kernel
//     team.barrier();                           // nobody goes on before all are here
//     ...
//   });                                         // returns when all are done
//
// A Team owns its threads: members - 1 of them, started by the constructor, which throws a
// std::system_error if there are not as many to be had, joined by the destructor. One thread at a
// time may call `run`, and not from inside a run; what it wrote before is visible to all members,
// and what they wrote is visible to it afterwards. `barrier` is called inside a run only, by every
// member, equally often. The function must not throw. A Team of one starts no threads, and `run` is
// a plain call.
//
// A waiting thread first spins, then sleeps (wait_word.h), so that a team larger than the machine
// still gets on, and an idle one costs nothing. Every member runs in the default floating-point
// environment. A program may run its Team in code of a shared object, built by whichever compiler.
#pragma once

#include <gradc/core/environment.h>
#include <gradc/core/wait_word.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

namespace gradc::core {

class Team {
 public:
  explicit Team(int members)
      : members_(members < 1 ? 1 : members),
        spins_(members_ <= static_cast<int>(std::thread::hardware_concurrency()) ? kSpins : 0) {
    threads_.reserve(members_ - 1);
    try {
      for (int member = 1; member < members_; ++member) {
        threads_.emplace_back([this, member] { serve(member); });
      }
    } catch (const std::system_error& error) {
      stop();
      throw std::system_error(error.code(),
                              "cannot start " + std::to_string(members_) + " threads");
    }
  }

  ~Team() { stop(); }

  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int members() const { return members_; }

  // Calls f(member, members()) on each member.
  template <class F>
  void run(F&& f) {
    const Environment environment;
    if (members_ == 1) {
      f(0, 1);
      return;
    }
    task_ = [](void* context, int member, int members) {
      (*static_cast<std::remove_reference_t<F>*>(context))(member, members);
    };
    context_ = const_cast<void*>(static_cast<const void*>(std::addressof(f)));
    start();
    f(0, members_);
    barrier();
  }

  // Returns when all members have called it as often as this one.
  void barrier() {
    if (members_ == 1) return;
    const std::uint32_t phase = phase_.peek();
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) == members_ - 1) {
      arrived_.store(0, std::memory_order_relaxed);
      phase_.publish(phase + 1);
    } else {
      phase_.wait(phase, spins_);
    }
  }

 private:
  // About 10 microseconds: longer than the imbalance of a small kernel. More would only burn the
  // time slice in which, on a busy machine, the awaited thread could run.
  static constexpr int kSpins = 500;

  void serve(int member) {
    const Environment environment;
    for (std::uint32_t round = 0;; ++round) {
      round_.wait(round, spins_);
      if (task_ == nullptr) return;
      task_(context_, member, members_);
      barrier();
    }
  }

  void stop() {
    task_ = nullptr;
    start();
    for (std::thread& thread : threads_) thread.join();
  }

  // Lets the threads read task_ and context_. Nobody reads them between the barrier that ends a
  // run and the next round, so they need no lock.
  void start() { round_.publish(round_.peek() + 1); }

  const int members_;
  const int spins_;  // none if the members outnumber the processors: the others need this one
  void (*task_)(void*, int, int) = nullptr;
  void* context_ = nullptr;
  std::vector<std::thread> threads_;
  // On lines of their own: each is written by one thread while the others spin on another.
  alignas(64) WaitWord round_;
  alignas(64) WaitWord phase_;
  alignas(64) std::atomic<int> arrived_ = 0;
};

}  // namespace gradc::core
