#include <fmt/format.h>
#include <gradc/app/atomic_file.h>
#include <gradc/app/errors.h>
#include <gradc/app/training_log.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace gradc::app {
namespace {

constexpr std::string_view kHeader = "step,loss,dev_loss,learning_rate,seconds\n";
constexpr auto kCommas = std::count(kHeader.begin(), kHeader.end(), ',');

std::string number_text(std::optional<double> value) {
  return value ? fmt::format("{:.6g}", *value) : "";
}

// The rows of an earlier session up to `last_step`; whatever is no row is left out.
std::string kept_rows(const std::string& path, std::int64_t last_step, double& seconds) {
  std::string kept;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::int64_t step = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), step);
    const auto commas = std::count(line.begin(), line.end(), ',');
    if (error != std::errc() || *stop != ',' || commas != kCommas || step > last_step) continue;
    const std::size_t last = line.rfind(',') + 1;
    std::from_chars(line.data() + last, line.data() + line.size(), seconds);
    kept += line + "\n";
  }
  return kept;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& path, std::int64_t last_step)
    : path_(path), file_(nullptr, &std::fclose) {
  AtomicFile fresh(path);
  fresh.write(kHeader);
  if (last_step > 0) fresh.write(kept_rows(path, last_step, seconds_before_));
  fresh.commit();
  file_.reset(std::fopen(path.c_str(), "ae"));
  if (!file_) throw DataError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
}

void TrainingLog::append(const LogRow& row) {
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{},{},{},{},{:.3f}\n", row.step, number_text(row.loss),
                 number_text(row.dev_loss), number_text(row.learning_rate), row.seconds);
  const bool written = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() &&
                       std::fflush(file_.get()) == 0;
  if (!written) {
    throw DataError(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno)));
  }
}

std::int64_t log_interval(std::int64_t steps) {
  constexpr std::int64_t kRows = 200;
  std::int64_t interval = 1;
  while (true) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (interval * factor * kRows >= steps) return interval * factor;
    }
    interval *= 10;
  }
}

}  // namespace gradc::app
