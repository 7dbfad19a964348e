// Tiles by measuring: which there are to choose from, what a tuning changes in the emitted text,
// and what a file of tiles is refused for.
#include "emit/tuning.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "../../models/nplm.cpp"
#include "driver/compile.h"
#include "driver/tuning_file.h"
#include "emit/kernel.h"
#include "emit/tiles.h"
#include "passes/lower.h"

namespace gradc {
namespace {

namespace fs = std::filesystem;
using emit::Target;
using emit::TileShape;

const Graph& nplm() {
  static const Graph graph = gradc_declare_nplm{}(Mistakes::kCollect);
  return graph;
}

// f(facts, name) for each contraction of nplm's training step.
template <class F>
void each_contraction(F f) {
  const ir::Module module = passes::build_module(nplm());
  for (const ir::Kernel& kernel : module.train.kernels) {
    if (!kernel.contracts) continue;
    const emit::Alone one = emit::written_form(module.train, kernel);
    f(emit::Facts(one.program, one.program.kernels.front()), kernel.name);
  }
}

std::string cpp_with(const emit::Tuning& tuning, const std::vector<std::string>& targets) {
  driver::Settings settings{.stem = "nplm", .model_file = "nplm.cpp", .targets = targets};
  settings.tuning = tuning;
  return driver::generate({nplm()}, settings).cpp();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++times;
  return times;
}

constexpr const char* kTanh = "avx512 contract_tanh f32 [batch 32 x 200] over 30";

TEST(Tiles, TheFirstIsTheOneThatIsPlanned) {
  int contractions = 0;
  for (const Target target : {Target::kAvx512, Target::kAvx2, Target::kSse2})
    each_contraction([&](const emit::Facts& facts, const std::string& name) {
      ++contractions;
      const std::vector<TileShape> shapes = emit::tile_shapes(facts, target);
      ASSERT_FALSE(shapes.empty());
      const emit::TilePlan plan = emit::plan_tiles(facts, target);
      EXPECT_EQ((TileShape{plan.rows.size, plan.panels.size}), shapes.front()) << name;
      EXPECT_FALSE(plan.tuned);
      EXPECT_EQ(shapes.back(), (TileShape{1, 1})) << name;  // whose sums all wait
      for (std::size_t i = 0; i < shapes.size(); ++i) {
        EXPECT_EQ(std::count(shapes.begin(), shapes.end(), shapes[i]), 1);
        // Each is cut as it says.
        const emit::TilePlan tuned = emit::plan_tiles(facts, target, shapes[i]);
        EXPECT_EQ((TileShape{tuned.rows.size, tuned.panels.size}), shapes[i]);
        EXPECT_TRUE(tuned.tuned);
      }
    });
  EXPECT_EQ(contractions, 18);
}

TEST(Tiles, WhatDoesNotFitIsPassedOver) {
  each_contraction([&](const emit::Facts& facts, const std::string&) {
    for (const TileShape& shape : {TileShape{64, 1}, {13, 2}, {1, 5}}) {
      const emit::TilePlan plan = emit::plan_tiles(facts, Target::kAvx512, shape);
      EXPECT_FALSE(plan.tuned);
      EXPECT_EQ((TileShape{plan.rows.size, plan.panels.size}),
                emit::tile_shapes(facts, Target::kAvx512).front());
    }
    EXPECT_FALSE(emit::plan_tiles(facts, Target::kAvx2, TileShape{5, 2}).tuned);
  });
}

TEST(Tunables, HaveAKeyForWhatTheyDo) {
  const ir::Module module = passes::build_module(nplm());
  std::vector<std::string> keys;
  for (const emit::Tunable& tunable : emit::tunables(module.train, Target::kAvx2)) {
    keys.push_back(tunable.key);
    EXPECT_TRUE(module.train.kernels[tunable.unit].contracts);
    EXPECT_GT(tunable.shapes.size(), 1u);
  }
  EXPECT_EQ(keys, (std::vector<std::string>{
                      "avx2 contract_tanh f32 [batch 32 x 200] over 30",
                      "avx2 contract f32 [batch 32 x 27] over 200",
                      "avx2 contract f32 [batch 32 x 200] over 27",
                      "avx2 contract f32 [batch 32 x 30] over 200",
                      "avx2 contract_update f32 [200 x 27] over batch 32",
                      "avx2 contract_update f32 [30 x 200] over batch 32",
                  }));
}

TEST(Tuning, ChangesTheTileThatItNames) {
  const std::string plain = cpp_with({}, {"x86-64-v4"});
  EXPECT_EQ(count(plain, "as measured"), 0u);
  const std::string tuned = cpp_with({{kTanh, {5, 2}}}, {"x86-64-v4"});
  EXPECT_EQ(count(tuned, "tiles of 5 x 32, as measured"), 1u);
  EXPECT_EQ(count(tuned, "as measured"), 1u);
}

TEST(Tuning, LeavesTheRestAlone) {
  const std::string plain = cpp_with({}, {"x86-64-v4"});
  const std::string other = "avx512 contract_tanh f32 [batch 32 x 201] over 30";
  EXPECT_EQ(cpp_with({{other, {5, 2}}}, {"x86-64-v4"}), plain);
  EXPECT_EQ(cpp_with({{kTanh, {13, 2}}}, {"x86-64-v4"}), plain);
  EXPECT_EQ(cpp_with({{kTanh, {5, 1}}}, {"x86-64-v3"}), cpp_with({}, {"x86-64-v3"}));
}

TEST(Tuning, KnowsOneOfSeveralTargets) {
  driver::Settings settings{
      .stem = "nplm", .model_file = "nplm.cpp", .targets = {"x86-64-v4", "x86-64-v3"}};
  const driver::Generated plain = driver::generate({nplm()}, settings);
  settings.tuning[kTanh] = {5, 2};
  const driver::Generated tuned = driver::generate({nplm()}, settings);
  EXPECT_NE(tuned.kernels[0].text, plain.kernels[0].text);
  EXPECT_EQ(tuned.kernels[1].text, plain.kernels[1].text);
  EXPECT_EQ(tuned.source, plain.source);
}

class TuningFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("gradc-tuning-test-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    path_ = (folder_ / "t.json").string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  // What is said of a file with that text, without the folder.
  std::string refusal(const std::string& text) {
    std::ofstream(path_) << text;
    support::Diagnostics diagnostics;
    driver::read_tuning(path_, diagnostics);
    std::string said = diagnostics.text();
    for (std::size_t at; (at = said.find(folder_.string() + "/")) != std::string::npos;)
      said.erase(at, folder_.string().size() + 1);
    return said;
  }
  fs::path folder_;
  std::string path_;
};

TEST_F(TuningFile, IsReadAsItWasWritten) {
  const emit::Tuning tuning = {{kTanh, {5, 2}}, {"avx2 a \"b\"\n\xC3\xA9", {1, 64}}};
  std::ofstream(path_) << driver::tuning_text(tuning);
  support::Diagnostics diagnostics;
  EXPECT_EQ(driver::read_tuning(path_, diagnostics), tuning);
  EXPECT_EQ(diagnostics.text(), "");
  EXPECT_EQ(driver::tuning_text({}), "{\n  \"tiles\": {}\n}\n");
  EXPECT_EQ(refusal("{\"tiles\": {}}"), "");
}

TEST_F(TuningFile, ThatIsNoJson) {
  EXPECT_EQ(refusal("{\n  \"tiles\": {\n    \"a\": 1,\n  }\n}\n"),
            "t.json:4:3: error: expected JSON, as gradc tune writes it: unexpected '}'; expected "
            "string literal\n");
  EXPECT_EQ(refusal(""),
            "t.json:1:1: error: expected JSON, as gradc tune writes it: unexpected end of input; "
            "expected '[', '{', or a literal\n");
  EXPECT_EQ(refusal("{\"tiles\": {\"a\": {\"rows\": 1e400, \"vectors\": 1}}}"),
            "t.json:1:1: error: expected JSON, as gradc tune writes it: number overflow parsing "
            "'1e400'\n");
}

TEST_F(TuningFile, OfAnotherForm) {
  const std::string root = "t.json:1:1: error: expected an object with an object \"tiles\"\n";
  EXPECT_EQ(refusal("[]"), root);
  EXPECT_EQ(refusal("{}"), root);
  EXPECT_EQ(refusal("{\"tiles\": []}"), root);
  EXPECT_EQ(refusal("{\"tiles\": {},\n \"speed\": 1}"),
            "t.json:2:2: error: expected \"tiles\" alone, found \"speed\"\n");
}

TEST_F(TuningFile, WithTilesThatAreNone) {
  const std::string expected = "expected {\"rows\": R, \"vectors\": V}, both from 1 to 64, found ";
  for (const std::string tile :
       {"8", "{}", "{\"rows\":8}", "{\"rows\":0,\"vectors\":2}", "{\"rows\":-1,\"vectors\":2}",
        "{\"rows\":65,\"vectors\":2}", "{\"rows\":2.5,\"vectors\":2}",
        "{\"rows\":\"8\",\"vectors\":2}", "{\"cut\":1,\"rows\":8,\"vectors\":2}"})
    EXPECT_EQ(refusal("{\"tiles\": {\n\"good\": {\"rows\": 1, \"vectors\": 1},\n \"bad\": " + tile +
                      "}}"),
              "t.json:3:2: error: " + expected + tile + "\n");
}

TEST_F(TuningFile, WithAKeyTwice) {
  const std::string tile = ": {\"rows\": 1, \"vectors\": 1}";
  const std::string other = R"("\"b\" \\")";
  EXPECT_EQ(refusal("{\"tiles\": {\n  \"a\"" + tile + ",\n  " + other + tile + ",\n    \"a\"" +
                    tile + ", " + other + tile + "}}"),
            "t.json:4:5: error: expected each key once, found \"a\" again\n"
            "t.json:2:3: note: the first is here\n"
            "t.json:4:37: error: expected each key once, found " +
                other +
                " again\n"
                "t.json:3:3: note: the first is here\n");
  // The same name, written otherwise.
  EXPECT_EQ(refusal("{\"tiles\": {\"a\"" + tile + ",\n\"\\u0061\"" + tile + "}}"),
            "t.json:2:1: error: expected each key once, found \"a\" again\n"
            "t.json:1:12: note: the first is here\n");
  EXPECT_EQ(refusal("{\"tiles\": {\"a\": {\"rows\": 1,\n \"vectors\": 1, \"rows\": 2}}}"),
            "t.json:2:16: error: expected each key once, found \"rows\" again\n"
            "t.json:1:18: note: the first is here\n");
  EXPECT_EQ(refusal("{\"tiles\": {\"a\"" + tile + "},\n\"tiles\": {\"a\"" + tile + "}}"),
            "t.json:2:1: error: expected each key once, found \"tiles\" again\n"
            "t.json:1:2: note: the first is here\n");
  // In two objects it is not the same.
  EXPECT_EQ(refusal("{\"tiles\": {\"a\"" + tile + ", \"tiles\"" + tile + "}}"), "");
}

TEST_F(TuningFile, WithAPlaceForEachKey) {
  // Whose text stands elsewhere as well.
  EXPECT_EQ(
      refusal("{\"tiles\": {\"rows\": {\"rows\": 1, \"vectors\": 1},\n \"vectors\": 1}}"),
      "t.json:2:2: error: expected {\"rows\": R, \"vectors\": V}, both from 1 to 64, found 1\n");
}

TEST_F(TuningFile, ThatIsNotThere) {
  support::Diagnostics diagnostics;
  EXPECT_TRUE(driver::read_tuning(folder_ / "none.json", diagnostics).empty());
  EXPECT_EQ(diagnostics.text(), (folder_ / "none.json").string() +
                                    ": error: cannot be read: No such file or directory\n");
  support::Diagnostics of_folder;
  driver::read_tuning(folder_, of_folder);
  EXPECT_EQ(of_folder.text(), folder_.string() + ": error: cannot be read: Is a directory\n");
}

}  // namespace
}  // namespace gradc
