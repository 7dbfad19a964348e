// How far a training run is, for a person.
//
// On a terminal one line is redrawn: a bar, steps, steps a second, the loss, the time left.
// Anywhere else plain lines are printed, at each tenth of the run but at most one a second, and at
// least one every half minute. Colours unless NO_COLOR is set.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace gradc::app {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Style { kPlain, kLine, kColoredLine };
  static Style style_of(std::FILE* out);

  Progress(std::FILE* out, Style style, std::int64_t first_step, std::int64_t steps,
           Clock::time_point now);
  ~Progress();  // ends a redrawn line, so that an error has one of its own
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap to call, but reads no clock itself. `loss` is empty when nothing is minimised.
  void update(std::int64_t step, std::optional<double> loss, Clock::time_point now);

  // Shows the last state for good.
  void finish(std::int64_t step, std::optional<double> loss, Clock::time_point now);

 private:
  void end_line();
  void draw(std::int64_t step, std::optional<double> loss, Clock::time_point now);
  std::string text(std::int64_t step, std::optional<double> loss, Clock::time_point now) const;
  std::string bar(std::int64_t step, int cells) const;

  std::FILE* out_;
  Style style_;
  std::int64_t first_step_;
  std::int64_t steps_;
  Clock::time_point start_;
  Clock::time_point shown_;
  std::int64_t shown_tenth_;
  std::int64_t shown_step_ = -1;
  bool line_open_ = false;
};

// "0.4 s", "12 s", "3 min 5 s", "2 h 7 min"
std::string duration_text(double seconds);

// "0.52 steps/s", "66,123 steps/s", "2.10 M steps/s"
std::string rate_text(double per_second);

}  // namespace gradc::app
