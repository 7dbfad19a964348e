// log.csv of a run: one row at regular steps.
//
//   step           steps done
//   loss           of the training form, averaged over the examples since the row before
//   dev_loss       outside training, on examples of the dev split; empty in most rows
//   learning_rate  empty if the model has none
//   seconds        of training so far, over all sessions of the run
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace gradc::app {

struct LogRow {
  std::int64_t step = 0;
  std::optional<double> loss;
  std::optional<double> dev_loss;
  std::optional<double> learning_rate;
  double seconds = 0;
};

// Owns the open file. Each row is in the file when `append` returns; a DataError says when the disk
// refuses it.
class TrainingLog {
 public:
  // A new log, or, when `last_step` is not 0, the one that is there without the rows after it: a
  // resumed run writes those again.
  TrainingLog(const std::string& path, std::int64_t last_step);

  void append(const LogRow& row);

  // Of the sessions before.
  double seconds_before() const { return seconds_before_; }

 private:
  std::string path_;
  double seconds_before_ = 0;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

// How many steps lie between two rows: 1, 2 or 5 times a power of ten, some 200 rows a run.
std::int64_t log_interval(std::int64_t steps);

}  // namespace gradc::app
