// Models written by hand as gradc would generate them, small enough to be read, so that the program
// around a model can be tested without the compiler.
#pragma once

#include <gradc/core/model.h>

#include <string>
#include <utility>
#include <vector>

namespace gradc::app::testing {

// A model that a test may change before it runs it; `model()` shows the result. Must outlive it.
class FakeModel {
 public:
  FakeModel(const core::Model& model, std::vector<core::TensorInfo> all)
      : tensors(std::move(all)), model_(model) {}

  const core::Model& model() {
    model_.tensors = tensors;
    return model_;
  }
  core::Model* operator->() { return &model_; }

  core::TensorInfo& tensor(core::Role role, const std::string& name);

  std::vector<core::TensorInfo> tensors;

 private:
  core::Model model_;
};

// Lines, 27 classes, window 2, batch 8: logits = bias + first[context[0]] + second[context[1]],
// cross-entropy, plain gradient descent. `first` and `second` are padded to 32 columns, and the
// inputs lie with the batch in the last axis, so that a program that forgets the strides fails. The
// rows of a batch are shared among the threads.
//   parameters "first" [27, 27], "second" [27, 27], "bias" [27]; states "step" [], "velocity" [27]
//   settings "learning_rate" 0.5, "steps" 200; outputs "loss" [], "accuracy" [], "logits" [b, 27]
FakeModel lines_model();

// Moons: score = w . features + b, mean max(0, 1 - label * score); batch 16, f64.
FakeModel moons_model();

// As moons_model, from csv: the label is a class, 0 or 1.
FakeModel csv_model();

// Text: window 4, batch 4, 16 classes; loss = mean((tokens - target)^2) * scale^2.
FakeModel text_model();

// Text with logits, named as in GPT-2; window 8, batch 4, 1024 classes. With s the sum of
// token + 1 up to a position, logits[v] = wte[v, 0] - |v - s mod bias[0]| there. loss = ln_f[0]
// times the share of targets that are not s mod bias[0]; a step makes ln_f smaller.
//   "wte/weight" [1024, 2], "h/0/attn/c_attn/weight" [2, 6], ".../bias" [6] = 5, "ln_f/weight" [2]
//   = 1
FakeModel gpt_model();

// No inputs: y = a * a * b with a = 3, b = 2; f64.
FakeModel scalar_model();

// In the lines model's gradient, `bias` comes out this much too large.
void set_gradient_fault(double fault);

}  // namespace gradc::app::testing
