// What each op that is not elementwise gives, by numbers worked out by hand.
#include <eval/interpret.h>
#include <eval/random_bindings.h>
#include <gtest/gtest.h>
#include <ir/parse.h>

#include <cmath>
#include <limits>

namespace gradc::eval {
namespace {

using Elements = std::vector<double>;
using Leaves = std::map<std::string, Elements, std::less<>>;

// The value of %y in a graph of these lines.
Elements value(const std::string& lines, const Leaves& leaves, std::int64_t batch = 0,
               bool training = true) {
  const Graph graph = ir::parse_one("graph @g batch 4 {\n" + lines + "\noutput \"y\" %y\n}");
  Bindings bindings;
  bindings.batch = batch;
  bindings.training = training;
  bindings.leaves = leaves;
  const Values values = interpret(graph, bindings);
  return output_of(graph, values, "y").elements;
}

TEST(Interpret, Reductions) {
  const std::string x = "%x = input f32[2, 3]\n";
  const Leaves leaves{{"x", {1, 2, 3, 40, 50, 60}}};
  EXPECT_EQ(value(x + "%y = sum %x over [0]", leaves), (Elements{41, 52, 63}));
  EXPECT_EQ(value(x + "%y = sum %x over [1]", leaves), (Elements{6, 150}));
  EXPECT_EQ(value(x + "%y = sum %x over [0, 1]", leaves), (Elements{156}));
  EXPECT_EQ(value(x + "%y = max %x over [1]", leaves), (Elements{3, 60}));
  EXPECT_EQ(value(x + "%y = max %x over [0]", {{"x", {-1, -2, -3, -4, -5, 6}}}),
            (Elements{-1, -2, 6}));
}

TEST(Interpret, Views) {
  const std::string x = "%x = input f32[2, 3]\n";
  const Leaves leaves{{"x", {1, 2, 3, 4, 5, 6}}};
  EXPECT_EQ(value(x + "%y = transpose %x [1, 0]", leaves), (Elements{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(value(x + "%y = reshape %x : f32[3, 2]", leaves), (Elements{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(value(x + "%y = slice %x from [1, 1] size [1, 2]", leaves), (Elements{5, 6}));
  EXPECT_EQ(value(x + "%y = pad %x before [0, 1] after [1, 0]", leaves),
            (Elements{0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0}));
  EXPECT_EQ(value("%x = input f32[2, 1]\n%y = broadcast %x [0, 1] : f32[2, 3]", {{"x", {7, 8}}}),
            (Elements{7, 7, 7, 8, 8, 8}));
  EXPECT_EQ(value("%x = input f32[2]\n%y = broadcast %x [-1, 0] : f32[3, 2]", {{"x", {7, 8}}}),
            (Elements{7, 8, 7, 8, 7, 8}));
}

TEST(Interpret, TransposeOfThreeAxes) {
  Elements x;
  for (int i = 0; i < 24; ++i) x.push_back(i);
  const Elements y = value("%x = input f32[2, 3, 4]\n%y = transpose %x [2, 0, 1]", {{"x", x}});
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 2; ++j)
      for (int k = 0; k < 3; ++k) EXPECT_EQ(y[(i * 2 + j) * 3 + k], (j * 3 + k) * 4 + i);
}

TEST(Interpret, Contractions) {
  const std::string ab = "%a = input f32[2, 3]\n%b = input f32[3, 2]\n";
  const Leaves leaves{{"a", {1, 2, 3, 4, 5, 6}}, {"b", {1, 10, 2, 20, 3, 30}}};
  EXPECT_EQ(value(ab + "%y = contract %a %b over (1, 0)", leaves), (Elements{14, 140, 32, 320}));
  EXPECT_EQ(value(ab + "%y = contract %a %b over (0, 1) (1, 0)", leaves), (Elements{14 + 320}));
  // batch axis a0 = b1: y[b, l, r] with l of a's axis 1 and r of b's axis 0
  EXPECT_EQ(value(ab + "%y = contract %a %b batch (0, 1)", leaves),
            (Elements{1, 2, 3, 2, 4, 6, 3, 6, 9, 40, 80, 120, 50, 100, 150, 60, 120, 180}));
  EXPECT_EQ(value("%a = input f32[2]\n%b = input f32[2]\n%y = contract %a %b",
                  {{"a", {1, 2}}, {"b", {3, 4}}}),
            (Elements{3, 4, 6, 8}));
}

TEST(Interpret, GatherAndScatter) {
  EXPECT_EQ(value("%t = input f32[3, 2]\n%i = input i32[4] classes 3\n%y = gather %t %i",
                  {{"t", {1, 2, 3, 4, 5, 6}}, {"i", {2, 0, 0, 1}}}),
            (Elements{5, 6, 1, 2, 1, 2, 3, 4}));
  EXPECT_EQ(value("%u = input f32[4, 2]\n%i = input i32[4] classes 3\n%y = scatter %u %i rows 3",
                  {{"u", {1, 2, 3, 4, 5, 6, 7, 8}}, {"i", {2, 0, 2, 2}}}),
            (Elements{3, 4, 0, 0, 1 + 5 + 7, 2 + 6 + 8}));
}

TEST(Interpret, IotaExtentAndTraining) {
  EXPECT_EQ(value("%i = iota axis 1 : i32[2, 3]\n%y = cast %i", {}), (Elements{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(value("%y = extent", {}), Elements{4});
  EXPECT_EQ(value("%y = extent", {}, 3), Elements{3});
  const std::string sides = "%a = constant 1\n%b = constant 2\n%y = training %a %b";
  EXPECT_EQ(value(sides, {}), Elements{1});
  EXPECT_EQ(value(sides, {}, 0, false), Elements{2});
}

TEST(Interpret, ARunningBatchIsAPrefix) {
  const std::string text = "%x = input f32[4*, 2]\n%z = transpose %x [1, 0]\n%y = sum %z over [1]";
  EXPECT_EQ(value(text, {{"x", {1, 2, 3, 4, 5, 6, 7, 8}}}), (Elements{16, 20}));
  EXPECT_EQ(value(text, {{"x", {1, 2, 3, 4}}}, 2), (Elements{4, 6}));
  // A multiple of the batch runs along.
  EXPECT_EQ(value("%x = input f32[4*, 2]\n%y = reshape %x : f32[8*]", {{"x", {1, 2}}}, 1),
            (Elements{1, 2}));
}

TEST(Interpret, NaNCountsAsSmallerThanNothing) {
  const double nan = std::nan("");
  EXPECT_EQ(value("%a = input f32[2]\n%b = input f32[2]\n%z = maximum %a %b\n%y = equal %z %z",
                  {{"a", {1, nan}}, {"b", {nan, 1}}}),
            (Elements{1, 0}));  // max(1, NaN) = 1, max(NaN, 1) = NaN
  EXPECT_EQ(value("%x = input f32[1]\n%y = sign %x", {{"x", {nan}}}), Elements{0});
}

TEST(Interpret, LeavesThatAreNotBoundBeginAsDeclared) {
  EXPECT_EQ(value("%r = setting f32[] 0.5\n%s = state f32[] constant(2)\n%y = mul %r %s", {}),
            Elements{1});
}

TEST(Interpret, UpdatesReadOldValues) {
  const Graph graph = ir::parse_one(R"(graph @g {
    %a = parameter f32[] constant(1)
    %b = state f32[] constant(2)
    update %a = %b
    update %b = %a
  })");
  Bindings bindings;
  apply_updates(graph, interpret(graph, bindings), bindings);
  EXPECT_EQ(bindings.leaves.at("a"), Elements{2});
  EXPECT_EQ(bindings.leaves.at("b"), Elements{1});
}

TEST(InterpretDeathTest, WhatTheCallerGotWrong) {
  const std::string gather =
      "%t = parameter f32[3] constant(1)\n%i = input i32[2] classes 3\n"
      "%y = gather %t %i";
  EXPECT_DEATH(value(gather, {{"i", {0, 3}}}), "index 3.0* of 3 rows");
  EXPECT_DEATH(value(gather, {{"i", {0, -1}}}), "index -1.0* of 3 rows");
  EXPECT_DEATH(value(gather, {{"i", {0}}}), "leaf \"i\" has 2 elements, not 1");
  EXPECT_DEATH(value(gather, {}), "leaf \"i\" has no value");
  EXPECT_DEATH(value("%y = extent", {}, 5), "a batch of 5 of at most 4");
  EXPECT_DEATH(value("%x = constant 1\n%y = gradient %x %x", {}), "differentiate first");
}

}  // namespace
}  // namespace gradc::eval
