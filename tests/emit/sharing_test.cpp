// What a kernel does stands once, however many kernels do it.
#include <gtest/gtest.h>

#include <string>

#include "emit/emit.h"
#include "emit/sketch.h"

namespace gradc::emit_test {
namespace {

int functions_of(const Sketch& sketch) {
  const std::vector<ir::Module> modules = {sketch.module("sharing")};
  const std::string text =
      emit::emit(modules, {.stem = "sketch", .model_file = "sketch.cpp"}).source;
  int count = 0;
  for (std::size_t at = 0; (at = text.find("GRADC_KERNEL ", at)) != std::string::npos; ++at)
    ++count;
  return count;
}

// The tensors of the models below.
constexpr std::int64_t kColumns = 20;

void negate(Sketch& s, const std::string& from, const std::string& to) {
  const int x = s.input(from, {kColumns}), y = s.output(to, {kColumns});
  KernelSketch k(s, "negate");
  const int j = k.row(kColumns);
  k.lanes(j);
  k.store(k.apply<Neg>(k.load(x, {j})), y, {j});
}

TEST(Sharing, LayersAreTheNumbersOfPaths) {
  Sketch s(Element::kF32, 1);
  negate(s, "h/0/x", "h/0/y");
  negate(s, "h/11/x", "h/11/y");
  EXPECT_EQ(functions_of(s), 1);
  negate(s, "x", "h/0/z");
  EXPECT_EQ(functions_of(s), 2);
}

TEST(Sharing, CachesOfADecoderAreOneLikeTheOther) {
  Sketch s(Element::kF32, 1);
  negate(s, "h/0/x", "decode/cache0");
  negate(s, "h/1/x", "decode/cache13");
  EXPECT_EQ(functions_of(s), 1);
}

// Draws `first`, then `second`, of as many streams as differ.
void draw(Sketch& s, const std::string& to, int first, int second) {
  const int y = s.output(to, {kColumns});
  KernelSketch k(s, "noise");
  const int j = k.row(kColumns);
  k.lanes(j);
  k.store(k.apply<Sub>(k.random(first, {j}), k.random(second, {j})), y, {j});
}

TEST(Sharing, RandomStreamsAreArguments) {
  Sketch s(Element::kF32, 1);
  draw(s, "h/0/y", 3, 5);
  draw(s, "h/1/y", 8, 1);
  EXPECT_EQ(functions_of(s), 1);
  draw(s, "h/2/y", 4, 4);
  draw(s, "h/3/y", 0, 0);
  EXPECT_EQ(functions_of(s), 2);
}

}  // namespace
}  // namespace gradc::emit_test
