// A trained model, as a command takes it: a run's folder, or weights.
#pragma once

#include <gradc/app/alphabet.h>

#include <memory>
#include <optional>
#include <string>

namespace gradc::app {

struct TrainedOptions {
  std::string folder;                    // of a run
  std::optional<std::string> weights;    // instead of a run
  std::optional<std::string> tokenizer;  // of a text
};

// Open and checked; its tensors are read by `load`.
class Trained {
 public:
  // Throws a DataError if there is no such model, or it is another one.
  Trained(const core::Model& model, const TrainedOptions& options);

  // The run's folder or the file of weights, for messages.
  const std::string& name() const { return name_; }
  const RunFacts* facts() const { return facts_ ? &*facts_ : nullptr; }  // null for weights
  const Alphabet& alphabet() const { return alphabet_; }

  // All or nothing: throws a DataError that lists every tensor that does not fit. Sets the run's
  // settings too.
  void load(Instance& instance) const;

 private:
  std::string name_;
  std::unique_ptr<SafetensorsFile> checkpoint_;  // this one
  std::optional<RunFacts> facts_;
  std::unique_ptr<Weights> weights_;  // or that
  Alphabet alphabet_;
};

}  // namespace gradc::app
