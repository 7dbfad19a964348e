#include <gradc/app/interrupt.h>
#include <signal.h>

#include <csignal>
#include <iterator>

namespace gradc::app {
namespace {

volatile std::sig_atomic_t requested_signal = 0;

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
struct sigaction old_actions[std::size(kSignals)];

void note_signal(int signal) { requested_signal = signal; }

}  // namespace

InterruptGuard::InterruptGuard() {
  requested_signal = 0;
  struct sigaction action{};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &action, &old_actions[i]);
    // nohup asks for a program that outlives its terminal.
    if (kSignals[i] == SIGHUP && old_actions[i].sa_handler == SIG_IGN)
      sigaction(SIGHUP, &old_actions[i], nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i)
    sigaction(kSignals[i], &old_actions[i], nullptr);
}

bool InterruptGuard::requested() const { return requested_signal != 0; }

}  // namespace gradc::app
