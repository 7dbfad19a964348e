// A model with an arena of its own: what one command works on.
//
// Owns the arena. One thread at a time; a run's own threads are the model's affair.
#pragma once

#include <gradc/app/tensor.h>
#include <gradc/core/arena.h>
#include <gradc/core/model.h>
#include <gradc/core/team.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gradc::app {

using Settings = std::map<std::string, double>;

class Instance {
 public:
  enum class Purpose { kRun, kCheck };  // train, evaluate, predict; or loss and gradient

  // Settings have their declared values; parameters and states are zero. Throws a DataError when
  // there is not enough memory.
  Instance(const core::Model& model, Purpose purpose);

  const core::Model& model() const { return *model_; }
  std::byte* arena() { return arena_.data(); }
  const std::byte* arena() const { return arena_.data(); }

  // Gives each parameter and state its declared initial values. Element i of the k-th tensor of the
  // model, in row-major order, is number i of stream k of `seed`, whatever the layout.
  void initialise(std::uint64_t seed);

  // Throws a UsageError that lists the settings there are when `name` is not one.
  void set_setting(const std::string& name, double value);
  bool has_setting(std::string_view name) const;
  Settings settings() const;

  const core::TensorInfo* loss() const;  // null if nothing is minimised

 private:
  const core::Model* model_;
  core::Arena arena_;
};

// The largest batch, or `wanted` if that is not 0. Throws a UsageError if the model has no room.
std::int64_t choose_batch(const core::Model& model, std::int64_t wanted);

// As many threads as `wanted`, or, for 0, what suits the size of a step.
int choose_threads(const core::Model& model, std::int64_t batch, int wanted);

std::int64_t parameter_count(const core::Model& model);

double flop_of(const core::Entry& entry, std::int64_t batch);
double bytes_of(const core::Entry& entry, std::int64_t batch);

// 11,897
std::string grouped(std::int64_t number);

}  // namespace gradc::app
