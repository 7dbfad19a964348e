// Every model of models/ against the same model in PyTorch: gradients, training, evaluation.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "bigram.gen.h"
#include "bigram_counts.gen.h"
#include "gpt.gen.h"
#include "gpt2.gen.h"
#include "llama.gen.h"
#include "makemore_transformer.gen.h"
#include "microgpt.gen.h"
#include "micrograd.gen.h"
#include "models/reference.h"
#include "models/runner.h"
#include "moons.gen.h"
#include "nplm.gen.h"
#include "nplm_batchnorm.gen.h"
#include "transformer.gen.h"

namespace gradc::test {
namespace {

using core::Element, core::Model, core::Role, core::TensorInfo;

constexpr double tolerance_of(Element element) { return element == Element::kF64 ? 1e-10 : 1e-4; }

Reference reference_of(const Model& model) {
  return load_reference(std::filesystem::path(GRADC_REFERENCE_DIR) /
                        (std::string(model.name) + ".json"));
}

// A runner at the start of the reference's run: the same settings, parameters and states.
Runner start(const Model& model, const Reference& reference, int threads = 1) {
  Runner runner(model, threads);
  if (const TensorInfo* steps = runner.find(Role::kSetting, "steps")) {
    const double count = reference.steps;
    runner.write(*steps, {&count, 1}, 1);
  }
  std::size_t known = 0;
  for (const TensorInfo& tensor : model.tensors) {
    if (tensor.role != Role::kParameter && tensor.role != Role::kState) continue;
    const ReferenceTensor* match = nullptr;
    for (const ReferenceTensor& other : reference.tensors) {
      if (other.name == tensor.name && other.state == (tensor.role == Role::kState)) match = &other;
    }
    if (match != nullptr) {
      ++known;
      runner.write(tensor, match->initial, 1);
    } else {  // a state that counts steps or the like
      EXPECT_EQ(tensor.role, Role::kState) << tensor.name << " is not in the reference";
      const std::vector<double> initial(elements_of(tensor, 1), tensor.initializer.a);
      runner.write(tensor, initial, 1);
    }
  }
  EXPECT_EQ(known, reference.tensors.size()) << "the reference has tensors that the model has not";
  return runner;
}

// Fills the inputs that the model has and the batch names; returns the batch's size.
std::int64_t load(Runner& runner, const Reference& reference, std::size_t step) {
  const ReferenceBatch& batch = reference.batches[step % reference.batches.size()];
  for (const auto& [name, values] : batch.inputs) {
    const TensorInfo* input = runner.find(Role::kInput, name);
    EXPECT_NE(input, nullptr) << "the model has no input \"" << name << "\"";
    if (input != nullptr) runner.write(*input, values, batch.size);
  }
  return batch.size;
}

double loss_of(const Runner& runner) {
  return runner.read_scalar(runner.model().tensors[runner.model().loss]);
}

class Models : public testing::TestWithParam<const Model*> {};

void expect_reference_gradients(const Model& model, const Reference& reference) {
  Runner runner = start(model, reference);
  const std::int64_t batch = load(runner, reference, 0);
  const double tolerance = tolerance_of(model.element);
  ASSERT_NE(model.gradient.run, nullptr);
  runner.run(model.gradient, batch);
  EXPECT_TRUE(agrees(loss_of(runner), reference.losses.at(0), tolerance));
  for (const auto& [name, expected] : reference.gradients) {
    const TensorInfo* gradient = runner.find(Role::kGradient, name);
    ASSERT_NE(gradient, nullptr) << "no gradient of \"" << name << "\"";
    EXPECT_TRUE(agrees(runner.read(*gradient, batch), expected, tolerance)) << name;
  }
}

TEST_P(Models, GradientsAgree) {
  const Reference reference = reference_of(*GetParam());
  if (reference.gradients.empty()) return;
  expect_reference_gradients(*GetParam(), reference);
}

// Rounding hides nothing here: a term that is missing or a little wrong shows.
TEST_P(Models, GradientsInF64Agree) {
  const Reference reference = reference_of(*GetParam());
  const Model& model = *GetParam();
  if (reference.gradients.empty() || model.element == Element::kF64) return;
  ASSERT_NE(model.reference, nullptr);
  ASSERT_EQ(model.reference->element, Element::kF64);
  expect_reference_gradients(*model.reference, reference);
}

TEST_P(Models, LossAloneIsTheLossOfTheGradient) {
  const Reference reference = reference_of(*GetParam());
  const Model& model = *GetParam();
  if (model.loss < 0) return;
  Runner runner = start(model, reference);
  const std::int64_t batch = load(runner, reference, 0);
  runner.run(model.loss_only, batch);
  EXPECT_TRUE(agrees(loss_of(runner), reference.losses.at(0), tolerance_of(model.element)));
}

// The losses on the way, then every parameter and state.
TEST_P(Models, TrainingAgrees) {
  const Reference reference = reference_of(*GetParam());
  const Model& model = *GetParam();
  ASSERT_EQ(model.train.run != nullptr, reference.steps > 0);
  const double tolerance = tolerance_of(model.element);
  Runner runner = start(model, reference);
  for (int step = 0; step < reference.steps; ++step) {
    runner.run(model.train, load(runner, reference, step));
    if (model.loss >= 0) {
      ASSERT_TRUE(agrees(loss_of(runner), reference.losses.at(step), tolerance)) << "step " << step;
    }
  }
  for (const ReferenceTensor& tensor : reference.tensors) {
    const TensorInfo* found =
        runner.find(tensor.state ? Role::kState : Role::kParameter, tensor.name);
    ASSERT_NE(found, nullptr) << tensor.name;
    std::vector<double> values = runner.read(*found, 1);
    std::fill(values.begin() + static_cast<std::ptrdiff_t>(tensor.free_from),
              values.begin() + static_cast<std::ptrdiff_t>(tensor.free_to), 0.0);
    EXPECT_TRUE(agrees(values, reference.final.at(tensor.name), tolerance)) << tensor.name;
  }

  const std::int64_t batch = load(runner, reference, 0);
  runner.run(model.evaluate, batch);
  for (const auto& [name, expected] : reference.evaluated) {
    // A loss that is an output goes by that output's name.
    const TensorInfo* output = name == "loss" && model.loss >= 0
                                   ? &model.tensors[static_cast<std::size_t>(model.loss)]
                                   : runner.find(Role::kOutput, name);
    ASSERT_NE(output, nullptr) << "no output \"" << name << "\"";
    EXPECT_TRUE(agrees(runner.read_scalar(*output), expected, tolerance)) << name;
  }
  for (const auto& [name, expected] : reference.predicted) {
    const TensorInfo* output = runner.find(Role::kOutput, name);
    ASSERT_NE(output, nullptr) << "no output \"" << name << "\"";
    runner.run(model.predict, batch);
    EXPECT_TRUE(agrees(runner.read(*output, batch), expected, tolerance)) << name;
  }
}

// The same bits in every parameter and state with any number of threads.
TEST_P(Models, ThreadsDoNotChangeTheResult) {
  const Reference reference = reference_of(*GetParam());
  const Model& model = *GetParam();
  if (model.train.run == nullptr) return;
  Runner one = start(model, reference, 1), three = start(model, reference, 3);
  for (int step = 0; step < std::min(reference.steps, 8); ++step) {
    one.run(model.train, load(one, reference, step));
    three.run(model.train, load(three, reference, step));
  }
  for (const TensorInfo& tensor : model.tensors) {
    if (tensor.role != Role::kParameter && tensor.role != Role::kState) continue;
    EXPECT_EQ(one.read(tensor, 1), three.read(tensor, 1)) << tensor.name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Models,
                         testing::Values(&micrograd::kModel, &tiny::kModel, &neuron::kModel,
                                         &moons::kModel, &bigram_counts::kModel, &bigram::kModel,
                                         &nplm::kModel, &nplm_batchnorm::kModel,
                                         &makemore_transformer::kModel, &microgpt::kModel,
                                         &gpt::kModel, &gpt2::kModel, &llama::kModel,
                                         &transformer::kModel),
                         [](const auto& test) { return std::string(test.param->name); });

// --- Figures that the sources of the models print -----------------------------------------------

double gradient_of(const Model& model, const char* parameter) {
  Runner runner = start(model, reference_of(model));
  runner.run(model.gradient, 1);
  return runner.read_scalar(*runner.find(Role::kGradient, parameter));
}

double value_of(const Model& model, const char* output) {
  Runner runner = start(model, reference_of(model));
  runner.run(model.evaluate, 1);
  return runner.read_scalar(*runner.find(Role::kOutput, output));
}

TEST(Micrograd, GivesTheFiguresOfItsReadme) {
  EXPECT_NEAR(value_of(micrograd::kModel, "g"), 24.7041, 5e-5);
  EXPECT_NEAR(gradient_of(micrograd::kModel, "a"), 138.8338, 5e-5);
  EXPECT_NEAR(gradient_of(micrograd::kModel, "b"), 645.5773, 5e-5);
}

// e = a + b - (a b + b^3), dg/da = e (1 - b), dg/db = e (1 - a - 3 b^2)
TEST(Micrograd, TinyIsDifferentiatedAsByHand) {
  const double a = -41, b = 2, e = a + b - (a * b + b * b * b);
  EXPECT_EQ(value_of(tiny::kModel, "g"), e * e / 2);
  EXPECT_EQ(gradient_of(tiny::kModel, "a"), e * (1 - b));
  EXPECT_EQ(gradient_of(tiny::kModel, "b"), e * (1 - a - 3 * b * b));
}

TEST(Micrograd, NeuronGivesTheFiguresOfItsLecture) {
  EXPECT_NEAR(value_of(neuron::kModel, "o"), 0.70711, 5e-6);
  const std::pair<const char*, double> expected[] = {
      {"x1", -1.5}, {"w1", 1}, {"x2", 0.5}, {"w2", 0}};
  for (const auto& [name, slope] : expected) {
    EXPECT_NEAR(gradient_of(neuron::kModel, name), slope, 1e-12) << name;
  }
}

}  // namespace
}  // namespace gradc::test
