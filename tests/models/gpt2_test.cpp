// models/gpt2.cpp on a folder that the package `transformers` wrote (reference/README.md).
#include <fmt/format.h>
#include <gradc/app/half.h>
#include <gradc/app/weights.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/harness.h"
#include "gpt2.gen.h"
#include "models/reference.h"

namespace gradc::test {
namespace {

using app::Instance;
using app::Weights;
using core::Role;
using core::TensorInfo;
using nlohmann::json;

const std::string kFolder = GRADC_REFERENCE_DIR "/gpt2";
const std::string kShards = GRADC_REFERENCE_DIR "/gpt2_shards";

const json& figures() {
  static const json kFigures =
      json::parse(app::testing::read_file(GRADC_REFERENCE_DIR "/gpt2.figures.json"));
  return kFigures;
}

const TensorInfo& tensor(Role role, std::string_view name) {
  const TensorInfo* found = app::find_tensor(gpt2::kModel, role, name);
  if (found == nullptr) throw std::runtime_error("no tensor " + std::string(name));
  return *found;
}

// The model with the weights of `path`, on one thread.
class Gpt2 {
 public:
  explicit Gpt2(const std::string& path, Instance::Purpose purpose = Instance::Purpose::kRun)
      : instance_(gpt2::kModel, purpose) {
    instance_.initialise(1);
    Weights(path, gpt2::kModel).load(instance_);
  }

  void load_batch(std::size_t index) {
    const json& all = figures();
    for (const auto& [input, key] :
         {std::pair("tokens", "tokens"), std::pair("target", "targets")}) {
      const json& batch = all[key][index % all[key].size()];
      app::set_values(instance_.arena(), tensor(Role::kInput, input),
                      batch.get<std::vector<double>>());
    }
  }

  void run(const core::Entry& entry) {
    ASSERT_NE(entry.run, nullptr);
    entry.run(instance_.arena(), gpt2::kModel.max_batch, team_);
  }

  std::vector<double> values(Role role, std::string_view name) const {
    return app::values_of(instance_.arena(), tensor(role, name));
  }
  double loss() const { return app::scalar_of(instance_.arena(), *instance_.loss()); }
  Instance& instance() { return instance_; }

 private:
  Instance instance_;
  core::Team team_{1};
};

TEST(Gpt2Files, LogitsAgree) {
  Gpt2 model(kFolder);
  model.load_batch(0);
  model.run(gpt2::kModel.predict);
  const auto logits = model.values(Role::kOutput, "logits");
  const auto expected = figures()["logits"].get<std::vector<double>>();
  ASSERT_EQ(logits.size(), expected.size());
  double largest = 0;
  double apart = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    largest = std::max(largest, std::fabs(expected[i]));
    apart = std::max(apart, std::fabs(logits[i] - expected[i]));
  }
  EXPECT_LE(apart, 1e-4 * largest);
  EXPECT_GT(largest, 1);
}

TEST(Gpt2Files, GradientsAgree) {
  Gpt2 model(kFolder, Instance::Purpose::kCheck);
  model.load_batch(0);
  model.run(gpt2::kModel.gradient);
  EXPECT_TRUE(agrees(model.loss(), figures()["losses"][0], 1e-4));
  const auto parameters = app::tensors_of(gpt2::kModel, Role::kParameter);
  EXPECT_EQ(figures()["gradients"].size(), parameters.size());
  for (const TensorInfo* parameter : parameters) {
    std::string name = parameter->name;
    std::ranges::replace(name, '/', '.');
    const json& stored = figures()["gradients"].at(name);
    Summary expected{.norm = stored["norm"]};
    std::ranges::copy(stored["probes"], expected.probes);
    EXPECT_TRUE(agrees(model.values(Role::kGradient, parameter->name), expected, 1e-4)) << name;
  }
}

TEST(Gpt2Files, TwentyStepsOfAdamWAgree) {
  Gpt2 model(kFolder);
  const auto losses = figures()["losses"].get<std::vector<double>>();
  ASSERT_EQ(losses.size(), 21u);
  for (std::size_t step = 0; step + 1 < losses.size(); ++step) {
    model.load_batch(step);
    model.run(gpt2::kModel.train);
    EXPECT_TRUE(agrees(model.loss(), losses[step], 1e-3)) << "step " << step;
  }
  model.load_batch(losses.size() - 1);
  model.run(gpt2::kModel.evaluate);
  EXPECT_TRUE(agrees(model.loss(), losses.back(), 1e-3));
  EXPECT_LT(losses.back(), 0.8 * losses.front());
}

TEST(Gpt2Files, ShardsInBf16AreTheSameWeights) {
  const Gpt2 whole(kFolder);
  const Gpt2 shards(kShards);
  for (const TensorInfo* parameter : app::tensors_of(gpt2::kModel, Role::kParameter)) {
    auto expected = whole.values(Role::kParameter, parameter->name);
    for (double& value : expected) {
      value = app::from_bf16(app::to_bf16(static_cast<float>(value)));
    }
    EXPECT_EQ(shards.values(Role::kParameter, parameter->name), expected) << parameter->name;
  }
}

TEST(Gpt2Files, ExportedWeightsAreTheSame) {
  const app::testing::TemporaryFolder folder;
  Gpt2 whole(kFolder);
  const std::string path = folder / "w.safetensors";
  app::write_weights(path, whole.instance(), app::WeightType::kF32, {});
  const Gpt2 again(path);
  for (const TensorInfo* parameter : app::tensors_of(gpt2::kModel, Role::kParameter)) {
    EXPECT_EQ(again.values(Role::kParameter, parameter->name),
              whole.values(Role::kParameter, parameter->name));
  }
}

// ---- the program ----

app::testing::Outcome program(const app::testing::Arguments& arguments) {
  return app::testing::run_program({&gpt2::kModel}, arguments);
}

TEST(Gpt2Files, EvalAgrees) {
  const auto outcome = program({"eval", "--weights", kFolder, "-i", kFolder + "/text.txt"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  const json& expected = figures()["evaluated"];
  std::istringstream in(outcome.out);
  for (const char* split : {"train", "dev", "test"}) {
    std::string found, word, rest;
    double loss = 0;
    in >> found >> word >> loss;
    std::getline(in, rest);
    EXPECT_EQ(found, split);
    EXPECT_EQ(word, "loss");
    EXPECT_NEAR(loss, expected[split].get<double>(), 1e-4 * loss + 5e-5);  // four places are shown
  }
}

TEST(Gpt2Files, SampleAgrees) {
  const auto outcome =
      program({"sample", "--weights", kFolder, "--prompt", figures()["prompt"], "--tokens",
               std::to_string(figures()["greedy_tokens"].get<int>()), "--temperature", "0"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, figures()["greedy"].get<std::string>() + "\n");
}

// The weights fit: only config.json tells.
TEST(Gpt2Files, AnotherNumberOfHeadsIsRefused) {
  const app::testing::TemporaryFolder folder;
  for (const char* name : {"model.safetensors", "tokenizer.json", "text.txt"}) {
    std::filesystem::copy_file(kFolder + "/" + name, folder / name);
  }
  json config = json::parse(app::testing::read_file(kFolder + "/config.json"));
  config["n_head"] = 4;
  app::testing::write_file(folder / "config.json", config.dump(2));
  const std::string head =
      "fake: error: " + (folder / "config.json") + ": does not fit the model gpt2:\n";
  const std::string heads = "  \"n_head\" is 4, not 2; generate it again with -DHEADS=4\n";
  const auto complaint = [&](const app::testing::Arguments& arguments) {
    const auto outcome = program(arguments);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  const std::string text = folder / "text.txt";
  EXPECT_EQ(complaint({"eval", "--weights", folder.path(), "-i", text}), head + heads);
  EXPECT_EQ(complaint({"sample", "--weights", folder.path()}), head + heads);
  EXPECT_EQ(complaint({"train", "--weights", folder.path(), "-i", text, "-o", folder / "run"}),
            head + heads);

  config.update({{"vocab_size", 50'257}, {"n_positions", 1024}, {"n_layer", 12}, {"n_embd", 768}});
  app::testing::write_file(folder / "config.json", config.dump(2));
  EXPECT_EQ(complaint({"eval", "--weights", folder.path(), "-i", text}),
            head +
                "  \"vocab_size\" is 50257, not 97; generate it again with -DVOCAB=50257\n"
                "  \"n_positions\" is 1024, not 16; generate it again with -DPOSITIONS=1024\n"
                "  \"n_layer\" is 12, not 2; generate it again with -DLAYERS=12\n" +
                heads + "  \"n_embd\" is 768, not 32; generate it again with -DWIDTH=768\n");

  std::filesystem::remove(folder / "config.json");
  EXPECT_EQ(program({"eval", "--weights", folder.path(), "-i", text}).status, 0);
}

}  // namespace
}  // namespace gradc::test
