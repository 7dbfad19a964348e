#include <fmt/format.h>
#include <gradc/app/instance.h>
#include <gradc/app/progress.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace gradc::app {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kRedraw{0.1};
constexpr Seconds kPlainLeast{1};
constexpr Seconds kPlainMost{30};
constexpr int kWidestBar = 30;

int columns_of(std::FILE* out) {
  winsize size{};
  const bool known = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string loss_text(std::optional<double> loss) {
  return loss ? fmt::format("  loss {:.4f}", *loss) : "";
}

}  // namespace

Progress::Style Progress::style_of(std::FILE* out) {
  const char* terminal = std::getenv("TERM");
  const bool plain =
      !isatty(fileno(out)) || terminal == nullptr || std::string_view(terminal) == "dumb";
  if (plain) return Style::kPlain;
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && *no_color != '\0' ? Style::kLine : Style::kColoredLine;
}

Progress::Progress(std::FILE* out, Style style, std::int64_t first_step, std::int64_t steps,
                   Clock::time_point now)
    : out_(out),
      style_(style),
      first_step_(first_step),
      steps_(steps),
      start_(now),
      shown_(now),
      shown_tenth_(first_step * 10 / std::max<std::int64_t>(1, steps)) {}

void Progress::update(std::int64_t step, std::optional<double> loss, Clock::time_point now) {
  const Seconds since = now - shown_;
  if (style_ != Style::kPlain) {
    if (since >= kRedraw) draw(step, loss, now);
    return;
  }
  const std::int64_t tenth = step * 10 / std::max<std::int64_t>(1, steps_);
  if ((tenth > shown_tenth_ && since >= kPlainLeast) || since >= kPlainMost) {
    draw(step, loss, now);
    shown_tenth_ = tenth;
  }
}

void Progress::finish(std::int64_t step, std::optional<double> loss, Clock::time_point now) {
  if (shown_step_ != step) draw(step, loss, now);
  end_line();
}

Progress::~Progress() { end_line(); }

void Progress::end_line() {
  if (line_open_) std::fputc('\n', out_);
  line_open_ = false;
  std::fflush(out_);
}

void Progress::draw(std::int64_t step, std::optional<double> loss, Clock::time_point now) {
  shown_ = now;
  shown_step_ = step;
  const std::string facts = text(step, loss, now);
  if (style_ == Style::kPlain) {
    fmt::print(out_, "{}\n", facts);
  } else {
    const int room = columns_of(out_) - 1;
    const int cells = std::min(kWidestBar, room - static_cast<int>(facts.size()) - 2);
    const std::string line = cells >= 5
                                 ? bar(step, cells) + "  " + facts
                                 : facts.substr(0, static_cast<std::size_t>(std::max(0, room)));
    fmt::print(out_, "\r{}\x1b[K", line);
    line_open_ = true;
  }
  std::fflush(out_);
}

std::string Progress::text(std::int64_t step, std::optional<double> loss,
                           Clock::time_point now) const {
  const double seconds = Seconds(now - start_).count();
  const auto done = static_cast<double>(step - first_step_);
  const double rate = seconds > 0 ? done / seconds : 0;
  std::string text =
      fmt::format("{:3d}%  step {}/{}{}", step * 100 / std::max<std::int64_t>(1, steps_),
                  grouped(step), grouped(steps_), loss_text(loss));
  if (rate > 0) {
    text += "  " + rate_text(rate);
    if (step < steps_) {
      text += fmt::format("  {} left", duration_text(static_cast<double>(steps_ - step) / rate));
    }
  }
  return text;
}

std::string Progress::bar(std::int64_t step, int cells) const {
  const auto full = static_cast<int>(static_cast<double>(step) * cells /
                                     static_cast<double>(std::max<std::int64_t>(1, steps_)));
  const std::string done(static_cast<std::size_t>(full), '=');
  const std::string open(static_cast<std::size_t>(cells - full), '-');
  if (style_ == Style::kLine) return "[" + done + open + "]";
  return "[\x1b[32m" + done + "\x1b[2;39m" + open + "\x1b[0m]";
}

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e12));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string rate_text(double per_second) {
  if (per_second < 100) return fmt::format("{:.3g} steps/s", per_second);
  if (per_second < 1e6) {
    return grouped(static_cast<std::int64_t>(std::llround(per_second))) + " steps/s";
  }
  return fmt::format("{:.2f} M steps/s", per_second / 1e6);
}

}  // namespace gradc::app
