#include <gradc/app/interrupt.h>
#include <signal.h>

#include <csignal>

namespace gradc::app {
namespace {

volatile std::sig_atomic_t requested_signal = 0;

struct sigaction old_interrupt;
struct sigaction old_terminate;

void note_signal(int signal) { requested_signal = signal; }

}  // namespace

InterruptGuard::InterruptGuard() {
  requested_signal = 0;
  struct sigaction action{};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, &old_interrupt);
  sigaction(SIGTERM, &action, &old_terminate);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt, nullptr);
  sigaction(SIGTERM, &old_terminate, nullptr);
}

bool InterruptGuard::requested() const { return requested_signal != 0; }

}  // namespace gradc::app
