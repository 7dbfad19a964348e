// Runs the entries of a generated model on plain row-major values, through core/model.h alone.
//
// A Runner owns its arena and its team of threads; one thread at a time. Settings begin as
// declared, everything else as zero.
#pragma once

#include <gradc/core/arena.h>
#include <gradc/core/model.h>
#include <gradc/core/team.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace gradc::test {

class Runner {
 public:
  explicit Runner(const core::Model& model, int threads = 1);

  const core::Model& model() const { return *model_; }

  // Null if the model has none of that role and name.
  const core::TensorInfo* find(core::Role role, std::string_view name) const;

  // All elements, in row-major order; the batch axis has the extent of `batch`.
  void write(const core::TensorInfo& tensor, std::span<const double> values, std::int64_t batch);
  std::vector<double> read(const core::TensorInfo& tensor, std::int64_t batch) const;
  double read_scalar(const core::TensorInfo& tensor) const { return read(tensor, 1).at(0); }

  void run(const core::Entry& entry, std::int64_t batch);

 private:
  const core::Model* model_;
  core::Arena arena_;
  std::unique_ptr<core::Team> team_;  // on the heap, so that a Runner can be moved
};

// The number of elements while the batch is `batch`.
std::int64_t elements_of(const core::TensorInfo& tensor, std::int64_t batch);

}  // namespace gradc::test
