// A Team that lets its members run by turns, one at a time: the last one first, each as far as its
// next barrier. It stands where the runtime's own is looked for, in the order of things in which a
// missing barrier does the most harm, every time.
//
// A barrier is a turn passed on: when it comes back, all others have been where this member was.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace gradc::core {

class Team {
 public:
  explicit Team(int members) : members_(members) {}
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int members() const { return members_; }

  template <class F>
  void run(F&& f) {
    turn_ = members_ - 1;
    std::vector<std::thread> threads;
    for (int member = 0; member < members_; ++member)
      threads.emplace_back([this, &f, member] {
        wait_for_turn(member);
        f(member, members_);
        pass_on();
      });
    for (std::thread& thread : threads) thread.join();
  }

  void barrier() {
    const int member = turn_;  // who calls has the turn
    pass_on();
    wait_for_turn(member);
  }

 private:
  void wait_for_turn(int member) {
    std::unique_lock lock(mutex_);
    passed_.wait(lock, [&] { return turn_ == member; });
  }
  void pass_on() {
    const std::lock_guard lock(mutex_);
    turn_ = turn_ == 0 ? members_ - 1 : turn_ - 1;
    passed_.notify_all();
  }

  const int members_;
  int turn_ = 0;
  std::mutex mutex_;
  std::condition_variable passed_;
};

}  // namespace gradc::core
