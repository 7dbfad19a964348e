// Emitted code, compiled by both compilers, against what its program means.
#include "emit/emit.h"

#include <gtest/gtest.h>

#include <thread>

#include "emit/check_module.h"
#include "emit/compiled.h"
#include "emit/contractions.h"
#include "emit/nests.h"
#include "emit/sketch.h"
#include "gradc/core/arena.h"
#include "gradc/core/team.h"

namespace gradc::emit_test {
namespace {

struct Setting {
  const char* compiler;
  const char* flags;
  Element real;
};

class Emitted : public testing::TestWithParam<Setting> {
 protected:
  void SetUp() override {
    if (!can_load(GetParam().compiler))
      GTEST_SKIP() << GetParam().compiler << " is not loaded here";
  }
  // At each batch; several seeds are not needed, for values do not steer the code.
  void check_all(const std::vector<ir::Module>& modules, const std::vector<std::int64_t>& batches) {
    const Compiled compiled(modules, GetParam().compiler, {GetParam().flags, "-march=native"});
    for (std::size_t i = 0; i < modules.size(); ++i) {
      const core::Model* model = compiled.model(i);
      ASSERT_NE(model, nullptr);
      for (const std::int64_t batch : batches) {
        if (batch > model->max_batch) continue;
        EXPECT_EQ(check(modules[i], *model, batch, i + 1), "") << model->name;
      }
    }
  }
  Element real() const { return GetParam().real; }
};

std::string numbered(const char* name, std::int64_t number) {
  return std::string(name) + std::to_string(number);
}

TEST_P(Emitted, RowsOfEveryTail) {
  std::vector<ir::Module> modules;
  for (std::int64_t n = 1; n <= 33; ++n)
    modules.push_back(row_module(numbered("rows", n), real(), n));
  for (const std::int64_t n : {65, 100, 200})
    modules.push_back(row_module(numbered("rows", n), real(), n));
  check_all(modules, {1, 2, 3});
}

TEST_P(Emitted, Columns) {
  std::vector<ir::Module> modules;
  for (const std::int64_t n : {1, 2, 7, 8, 10, 16, 17, 27, 32, 33, 100, 200})
    modules.push_back(column_module(numbered("columns", n), real(), n));
  check_all(modules, {1, 4, 5});
}

// More rows than a block has, and rows that are left over.
TEST_P(Emitted, ShortRowsInBlocks) {
  std::vector<ir::Module> modules;
  for (const std::int64_t n : {1, 5, 8, 16, 27, 40, 64, 65}) {
    modules.push_back(row_module(numbered("short_rows", n), real(), n, 37));
    modules.push_back(column_module(numbered("short_columns", n), real(), n, 37));
  }
  check_all(modules, {1, 7, 8, 15, 16, 17, 32, 37});
}

TEST_P(Emitted, LanesOfEveryBatch) {
  std::vector<std::int64_t> batches;
  for (std::int64_t batch = 1; batch <= 33; ++batch) batches.push_back(batch);
  check_all({batch_module("by_batch", real(), 33)}, batches);
}

TEST_P(Emitted, Contractions) {
  std::vector<ir::Module> modules;
  std::vector<std::int64_t> batches = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 31, 32, 33};
  for (const Extents& e :
       {Extents{1, 1, 1}, {5, 3, 16}, {13, 2, 17}, {6, 7, 33}, {2, 4, 100}, {25, 5, 64}})
    modules.push_back(
        contraction_module("contractions" + std::to_string(modules.size()), real(), e, 33));
  check_all(modules, batches);
}

// Two kernels of one function, to which the same two streams come in another order.
TEST_P(Emitted, RandomStreamsOfEachCall) {
  Sketch s(real(), 5);
  for (const auto& [name, first, second] : {std::tuple{"y", 3, 7}, {"z", 7, 3}}) {
    const int y = s.output(name, {s.batch(), 20});
    KernelSketch k(s, "noise");
    const int b = k.row(s.batch()), j = k.row(20);
    k.lanes(j);
    k.store(k.apply<Sub>(k.random(first, {{b, 20}, j}), k.random(second, {{b, 20}, j})), y, {b, j});
  }
  check_all({s.module("noise")}, {1, 5});
}

// Operands that fill the caches: in f32 tiles go by rows over many of them; in f64, whose rounding
// leaves room for it, they take turns over a long sum, of few rows and of more, and ask ahead for
// an operand that they read across its rows.
TEST_P(Emitted, LargeContractions) {
  if (real() == Element::kF32) {
    check_all({contraction_module("large", real(), {2400, 110, 80}, 3)}, {1, 3});
  } else {
    check_all({contraction_module("few", real(), {2, 2800, 96}, 5)}, {1, 5});
    check_all({contraction_module("more", real(), {2, 2800, 96}, 13)}, {1, 13});
    check_all({contraction_module("ahead", real(), {2, 140, 40}, 240)}, {1, 17, 240});
  }
}

// Names that generated code has for itself, words of C++, and what would end a comment or a string.
TEST_P(Emitted, NamesOfAnyKind) {
  Sketch s(real(), 1);
  const int x = s.input("x", {3});
  for (const char* name : {"arena",
                           "arena_",
                           "team",
                           "team_",
                           "kModel",
                           "kArenaBytes",
                           "train_step",
                           "Hostile",
                           "class",
                           "1st",
                           "a/b",
                           "a_b",
                           "std",
                           "gradc",
                           "batch",
                           "member",
                           "\"quoted\" \\n",
                           "*/ }",
                           "what?\?/",
                           "two\nlines",
                           "ends in \\",
                           "ends in \\\n"}) {
    const int y = s.output(name, {3});
    KernelSketch k(s, "negate");
    const int j = k.row(3);
    k.lanes(j);
    k.store(k.apply<Neg>(k.load(x, {j})), y, {j});
  }
  check_all({s.module("hostile")}, {1});
}

// The threads wait in the program's code and are woken by the library's, and the other way round.
// More of them than processors: they go to sleep at once.
TEST_P(Emitted, ATeamOfTheProgramRunsEntriesOfTheLibrary) {
  const std::vector<ir::Module> modules = {column_module("columns", real(), 27)};
  const Compiled compiled(modules, GetParam().compiler, {GetParam().flags, "-march=native"});
  const core::Model* model = compiled.model(0);
  ASSERT_NE(model, nullptr);
  core::Arena arena(static_cast<std::size_t>(model->arena_bytes));
  core::Team team(static_cast<int>(std::thread::hardware_concurrency()) + 2);
  for (int step = 0; step < 100; ++step) {
    model->train.run(arena.data(), model->max_batch, team);
    team.run([&](int, int) { team.barrier(); });
  }
}

INSTANTIATE_TEST_SUITE_P(Compilers, Emitted,
                         testing::Values(Setting{"g++", "-O1", Element::kF32},
                                         Setting{"g++", "-O1", Element::kF64},
                                         Setting{"clang++-19", "-O1", Element::kF32},
                                         Setting{"clang++-19", "-O1", Element::kF64}),
                         [](const testing::TestParamInfo<Setting>& setting) {
                           const std::string compiler =
                               setting.param.compiler[0] == 'g' ? "Gnu" : "Clang";
                           return compiler + (setting.param.real == Element::kF64 ? "F64" : "F32");
                         });

TEST(Emit, IsTheSameTextEveryTime) {
  const std::vector<ir::Module> modules = {column_module("columns", Element::kF32, 27)};
  const emit::Options options{.stem = "sketch", .model_file = "sketch.cpp"};
  const emit::Sources first = emit::emit(modules, options), second = emit::emit(modules, options);
  EXPECT_EQ(first.header, second.header);
  EXPECT_EQ(first.source, second.source);
  EXPECT_EQ(first.main, second.main);
}

// Of all products of the sketch, the gradient of a weight alone, and only if what it reads is more
// than caches near the core hold.
TEST(Emit, AsksAheadForALargeOperandThatIsReadAcrossItsRows) {
  const auto source = [](std::int64_t batch) {
    const std::vector<ir::Module> modules = {
        contraction_module("ahead", Element::kF64, {2, 140, 40}, batch)};
    return emit::emit(modules, {.stem = "sketch", .model_file = "sketch.cpp"}).source;
  };
  EXPECT_EQ(source(230).find("prefetch("), std::string::npos);
  const std::string text = source(240);
  const std::size_t at = text.find("prefetch(x, (");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(text.substr(at, text.find('\n', at) - at).find(" + 16) * 144 + "), std::string::npos)
      << text.substr(at, text.find('\n', at) - at);
}

}  // namespace
}  // namespace gradc::emit_test
