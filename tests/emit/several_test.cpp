// What is written for several targets: a file of kernels for each, and one that calls them.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "emit/emit.h"
#include "emit/nests.h"

namespace gradc::emit_test {
namespace {

const std::vector<ir::Module>& modules() {
  static const std::vector<ir::Module> all = {row_module("rows", Element::kF32, 27),
                                              column_module("columns", Element::kF64, 100)};
  return all;
}

emit::Options alone(emit::Target target) {
  return {.stem = "sketch", .model_file = "sketch.cpp", .target = target, .targets = {}};
}

emit::Sources several() {
  emit::Options options = alone(emit::Target::kAvx512);
  options.targets = {{"x86-64-v4", emit::Target::kAvx512}, {"x86-64-v3", emit::Target::kAvx2}};
  return emit::emit(modules(), options);
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> all;
  for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i)
    all.insert(i->str());
  return all;
}

using Names = std::set<std::string>;

TEST(SeveralTargets, HaveTheHeaderAndTheProgramOfOne) {
  const emit::Sources one = emit::emit(modules(), alone(emit::Target::kAvx512)), two = several();
  EXPECT_EQ(two.header, one.header);
  EXPECT_EQ(two.main, one.main);
  EXPECT_TRUE(one.kernels.empty());
  EXPECT_EQ(two.kernels.size(), 2u);
}

TEST(SeveralTargets, KernelsAreInTheFilesOfTargetsAlone) {
  const emit::Sources sources = several();
  EXPECT_EQ(sources.source.find("GRADC_KERNEL"), std::string::npos);
  for (const std::string& kernels : sources.kernels) {
    EXPECT_NE(kernels.find("GRADC_KERNEL"), std::string::npos);
    EXPECT_EQ(kernels.find("Team"), std::string::npos);
    EXPECT_EQ(kernels.find("kDescription"), std::string::npos);
  }
}

// The linker keeps one body of an inline function for all units. Types and constants have none.
TEST(SeveralTargets, KernelsCallNothingOfTheStandardLibrary) {
  const std::string whole = emit::emit(modules(), alone(emit::Target::kAvx512)).source;
  ASSERT_NE(whole.find("std::min"), std::string::npos) << "the kernels show nothing";
  for (const std::string& kernels : several().kernels)
    for (const std::string& name : matches(kernels, R"(\bstd::\w+)"))
      EXPECT_TRUE((Names{"std::byte", "std::int32_t", "std::int64_t", "std::uint32_t",
                         "std::uint64_t", "std::numeric_limits"})
                      .contains(name))
          << name;
}

TEST(SeveralTargets, AFileSaysWhatItIsCompiledWith) {
  const emit::Sources sources = several();
  EXPECT_EQ(matches(sources.kernels[0], "#if .*\n#error .*"),
            Names{"#if !defined(GRADC_TARGET_AVX512)\n"
                  "#error \"sketch.x86-64-v4.gen.cpp: compile this file with -march=x86-64-v4\""});
  EXPECT_EQ(matches(sources.kernels[1], "#if .*\n#error .*"),
            Names{"#if !defined(GRADC_TARGET_AVX2)\n"
                  "#error \"sketch.x86-64-v3.gen.cpp: compile this file with -march=x86-64-v3\""});
  EXPECT_EQ(matches(sources.source, "#if .*\n#error .*"),
            Names{"#if defined(__AVX__)\n"
                  "#error \"sketch.gen.cpp: compile this file with -march=x86-64\""});
}

// The place in a target's table is all that ties a call to its kernel.
TEST(SeveralTargets, CallsAndTablesHaveTheSameOrder) {
  const emit::Sources sources = several();
  const std::regex call(R"(void (k\d+_\w+)\([^)]*\) \{\s*picked\(\)\.kernels\[(\d+)\])");
  std::vector<std::string> called;
  int next = 0;
  for (std::sregex_iterator i(sources.source.begin(), sources.source.end(), call), end; i != end;
       ++i) {
    if ((*i)[2] == "0") called.emplace_back("table"), next = 0;
    EXPECT_EQ((*i)[2], std::to_string(next++));
    called.push_back((*i)[1]);
  }
  for (const std::string& kernels : sources.kernels) {
    const std::regex line(R"(KernelFunction kKernels\[\] = \{|::(k\d+_\w+)(?=[,}]))");
    std::vector<std::string> listed;
    for (std::sregex_iterator i(kernels.begin(), kernels.end(), line), end; i != end; ++i)
      listed.push_back((*i)[1].matched ? (*i)[1].str() : "table");
    EXPECT_EQ(listed, called);
    EXPECT_GT(listed.size(), 4u);
  }
}

}  // namespace
}  // namespace gradc::emit_test
