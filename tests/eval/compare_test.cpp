#include <eval/compare.h>
#include <eval/random_bindings.h>
#include <gtest/gtest.h>
#include <ir/parse.h>

namespace gradc::eval {
namespace {

Graph graph(const std::string& expression) {
  return ir::parse_one(
      "graph @g {\n%x = input f32[3]\n%w = parameter f32[3] constant(0)\n"
      "%third = constant 3\n%c = broadcast %third [-1] : f32[3]\n" +
      expression +
      "\n%loss = sum %y over [0]\noutput \"y\" %y\nupdate %w = %y\n"
      "minimize %loss\n}");
}

std::string compare(const std::string& before, const std::string& after, Sameness sameness) {
  const Graph a = graph(before), b = graph(after);
  return difference(a, b, random_bindings(a, 1), sameness);
}

TEST(Compare, TheSameIsTheSame) {
  EXPECT_EQ(compare("%y = exp %x", "%y = exp %x", Sameness::kBitwise), "");
  EXPECT_EQ(compare("%y = add %x %c", "%y = add %c %x", Sameness::kBitwise), "");
}

TEST(Compare, CloseIsNotBitwise) {
  const std::string before = "%z = mul %x %c\n%y = div %z %c", after = "%y = neg %x";
  const std::string rounded = "%z = div %x %c\n%y = mul %z %c";
  EXPECT_EQ(compare(before, rounded, Sameness::kClose), "");
  EXPECT_NE(compare("%y = mul %x %x", after, Sameness::kClose), "");
}

TEST(Compare, NamesWhatDiffers) {
  const std::string text = compare("%y = exp %x", "%y = neg %x", Sameness::kClose);
  EXPECT_NE(text.find("output \"y\"[0]: "), text.npos) << text;
  EXPECT_NE(text.find("update of \"w\"[0]: "), text.npos) << text;
  EXPECT_NE(text.find("loss[0]: "), text.npos) << text;
}

TEST(Compare, WhatIsGone) {
  const Graph before = graph("%y = exp %x");
  Graph after = before;
  after.outputs.clear();
  after.updates.clear();
  after.loss = -1;
  EXPECT_EQ(difference(before, after, random_bindings(before, 1), Sameness::kBitwise),
            "output \"y\" is gone\nupdate of \"w\" is gone\nthe loss is gone\n");
  EXPECT_EQ(difference(after, before, random_bindings(before, 1), Sameness::kBitwise), "");
}

}  // namespace
}  // namespace gradc::eval
