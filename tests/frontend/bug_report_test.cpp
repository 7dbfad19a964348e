// What a failed CHECK leaves in the working folder, and that it does what the models did.
#include "driver/bug_report.h"

#include <gradc/dsl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "driver/compile.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "support/check.h"

namespace gradc::driver {
namespace {

namespace fs = std::filesystem;

struct Slope {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {g.batch(8), 3});
    const Tensor w = g.parameter("w", {3, 2}, normal(1));
    const Tensor y = tanh(matmul(x, w));
    g.output("y", y);
    g.minimize(sum(y * y), sgd({.learning_rate = 0.1}));
  }
};

struct Square {
  constexpr void declare(Graph& g) const {
    const Tensor x = g.input("x", {4});
    g.output("y", x * x);
  }
};

class BugReport : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "gradc-bug-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    before_ = fs::current_path();
    fs::current_path(folder_);
    models_.resize(2);
    models_[0].name = "slope";
    Slope{}.declare(models_[0]);
    models_[1].name = "square";
    Square{}.declare(models_[1]);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  std::vector<Graph> models_;
  fs::path folder_, before_;
};

std::string content(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_F(BugReport, HoldsTheModels) {
  EXPECT_DEATH(
      {
        leave_models_on_a_bug(models_);
        CHECK(false, "first line\nsecond line");
      },
      "gradc: bug in the compiler: .*bug_report_test.cpp:[0-9]+: false: first line\nsecond line\n"
      "gradc: the model is written to gradc-bug-slope.ir; please report it with this message\n$");

  const std::string text = content("gradc-bug-slope.ir");
  support::Diagnostics diagnostics;
  const std::vector<Graph> read = ir::parse(text, "gradc-bug-slope.ir", diagnostics);
  EXPECT_EQ(diagnostics.text(), "");
  ASSERT_EQ(read.size(), models_.size());
  for (std::size_t i = 0; i < models_.size(); ++i)
    EXPECT_EQ(ir::print(read[i], {.locations = true}), ir::print(models_[i], {.locations = true}));

  // The same kernels, in the same places, as C++ of the same bytes.
  for (const std::string stage : {"kernels", "memory", "cpp"}) {
    const std::string command =
        GRADC_TEST_GRADC_OPT " gradc-bug-slope.ir --emit=" + stage + " > " + stage;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    EXPECT_EQ(content(stage),
              emit_stage(models_, stage, {"gradc-bug-slope", "gradc-bug-slope.ir", {"native"}}));
  }
}

TEST_F(BugReport, SaysWhenItCannotBeWritten) {
  fs::create_directory("gradc-bug-slope.ir");
  EXPECT_DEATH(
      {
        leave_models_on_a_bug(models_);
        CHECK(false);
      },
      "gradc: cannot write gradc-bug-slope.ir: Is a directory\n$");
}

}  // namespace
}  // namespace gradc::driver
