// Kernels in files of their own, for several targets or in parts, and the file that calls them.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "emit/emit.h"
#include "emit/nests.h"
#include "emit/parts.h"

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

// The matches themselves; `text` must outlive them.
std::vector<std::smatch> all(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::smatch> matches;
  for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i)
    matches.push_back(*i);
  return matches;
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
  for (const auto& [name, target, kernels] : sources.kernels) {
    EXPECT_NE(kernels.find("GRADC_KERNEL"), std::string::npos);
    EXPECT_EQ(kernels.find("Team"), std::string::npos);
    EXPECT_EQ(kernels.find("kDescription"), std::string::npos);
  }
}

// The linker keeps one body of an inline function for all units. Types and constants have none.
TEST(SeveralTargets, KernelsCallNothingOfTheStandardLibrary) {
  const std::string whole = emit::emit(modules(), alone(emit::Target::kAvx512)).source;
  ASSERT_NE(whole.find("std::min"), std::string::npos) << "the kernels show nothing";
  for (const auto& [file, target, kernels] : several().kernels)
    for (const std::string& name : matches(kernels, R"(\bstd::\w+)"))
      EXPECT_TRUE((Names{"std::byte", "std::int32_t", "std::int64_t", "std::uint32_t",
                         "std::uint64_t", "std::numeric_limits"})
                      .contains(name))
          << name;
}

TEST(SeveralTargets, AFileSaysWhatItIsCompiledWith) {
  const emit::Sources sources = several();
  EXPECT_EQ(matches(sources.kernels[0].text, "#if .*\n#error .*"),
            Names{"#if !defined(GRADC_TARGET_AVX512)\n"
                  "#error \"sketch.x86-64-v4.gen.cpp: compile this file with -march=x86-64-v4\""});
  EXPECT_EQ(matches(sources.kernels[1].text, "#if .*\n#error .*"),
            Names{"#if !defined(GRADC_TARGET_AVX2)\n"
                  "#error \"sketch.x86-64-v3.gen.cpp: compile this file with -march=x86-64-v3\""});
  EXPECT_EQ(matches(sources.source, "#if .*\n#error .*"),
            Names{"#if defined(__AVX__)\n"
                  "#error \"sketch.gen.cpp: compile this file with -march=x86-64\""});
}

// The place in a target's table is all that ties a call to its kernel.
TEST(SeveralTargets, CallsAndTablesHaveTheSameOrder) {
  const std::string source = several().source;
  std::vector<std::string> called;
  for (const std::smatch& call : all(source, R"((\w+)\s*=\s*call<(\d+)>)")) {
    if (call[2] == "0") called.emplace_back("model");
    const auto model = std::find(called.rbegin(), called.rend(), "model");
    EXPECT_EQ(call[2], std::to_string(model - called.rbegin()));
    called.push_back(call[1]);
  }
  EXPECT_GT(called.size(), 6u);
  for (const char* name : {"kX8664V4", "kX8664V3"}) {
    std::vector<std::string> listed;
    for (const std::smatch& table :
         all(source, "KernelFunction " + std::string(name) + R"(\[\] = \{([^}]*)\})")) {
      listed.emplace_back("model");
      const std::string rows = table[1];
      for (const std::smatch& row : all(rows, R"(kernels::(\w+))")) listed.push_back(row[1]);
    }
    EXPECT_EQ(listed, called) << name;
  }
}

// The names of the functions that a file defines.
Names defined_in(const std::string& text) {
  Names names;
  for (const std::smatch& function : all(text, R"(GRADC_KERNEL (?:static )?void (\w+)\()"))
    names.insert(function[1]);
  return names;
}

emit::Options in_parts(int parts) {
  emit::Options options = alone(emit::Target::kAvx512);
  options.parts = parts;
  return options;
}

TEST(Parts, HaveEachFunctionOnce) {
  const emit::Sources whole = emit::emit(modules(), alone(emit::Target::kAvx512));
  const emit::Sources parts = emit::emit(modules(), in_parts(3));
  EXPECT_EQ(parts.header, whole.header);
  EXPECT_EQ(parts.main, whole.main);
  ASSERT_EQ(parts.kernels.size(), 3u);
  EXPECT_EQ(defined_in(parts.source), Names());
  Names together;
  std::size_t least = whole.source.size(), most = 0, count = 0;
  for (const auto& [name, target, text] : parts.kernels) {
    EXPECT_EQ(target, "");
    EXPECT_EQ(name, "kernels" + std::to_string(++count));
    const Names defined = defined_in(text);
    for (const std::string& function : defined)
      EXPECT_TRUE(together.insert(function).second) << function;
    least = std::min(least, text.size());
    most = std::max(most, text.size());
  }
  EXPECT_EQ(together, defined_in(whole.source));
  EXPECT_LT(most, 2 * least);
}

emit::Function function(std::size_t size, std::vector<std::size_t> calls = {}) {
  emit::Function function;
  function.texts = {std::string(size, '-')};
  function.calls = std::move(calls);
  return function;
}

// Functions of streams share some of those that they call, which have no name outside their file.
TEST(Parts, HaveWhatTheirFunctionsCall) {
  std::vector<emit::Sections> models(1);
  emit::Section& section = models[0].sections.emplace_back();
  for (const std::size_t size : {300u, 30u, 100u}) section.functions.push_back(function(size));
  section.functions.push_back(function(50, {0, 1}));
  section.functions.push_back(function(60, {1, 2}));
  section.functions.push_back(function(400));
  section.functions.push_back(function(120));
  std::vector<int> parts;
  const auto divided = [&](int count) {
    emit::divide(models, count);
    parts.clear();
    for (const emit::Function& each : section.functions) parts.push_back(each.part);
    return parts;
  };
  EXPECT_EQ(divided(1), (std::vector<int>{0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(divided(2), (std::vector<int>{0, 0, 0, 0, 0, 1, 1}));  // 540 and 520
  EXPECT_EQ(divided(4), (std::vector<int>{0, 0, 0, 0, 0, 1, 2}));
}

TEST(Parts, OfEachTargetAreTheSame) {
  emit::Options options = in_parts(2);
  options.targets = {{"x86-64-v4", emit::Target::kAvx512}, {"x86-64-v3", emit::Target::kAvx2}};
  const emit::Sources sources = emit::emit(modules(), options);
  ASSERT_EQ(sources.kernels.size(), 4u);
  const char* const names[] = {"x86-64-v4.kernels1", "x86-64-v4.kernels2", "x86-64-v3.kernels1",
                               "x86-64-v3.kernels2"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(sources.kernels[i].name, names[i]);
    EXPECT_EQ(sources.kernels[i].target, i < 2 ? "x86-64-v4" : "x86-64-v3");
  }
}

TEST(Parts, MoreThanThereAreFunctions) {
  EXPECT_EQ(emit::emit(modules(), in_parts(60)).kernels.size(), 60u);
}

TEST(Parts, DoNotPayForLittleText) {
  emit::Options options = in_parts(8);
  options.fewer = true;
  EXPECT_TRUE(emit::emit(modules(), options).kernels.empty());
}

}  // namespace
}  // namespace gradc::emit_test
