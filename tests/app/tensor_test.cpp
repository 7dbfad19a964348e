#include <gradc/app/tensor.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace gradc::app::testing {
namespace {

using core::Element;
using core::TensorInfo;

// A tensor of shape [2, 3, 4] whose axes lie in any order, with gaps.
TensorInfo strided(std::int64_t s0, std::int64_t s1, std::int64_t s2, Element element) {
  return {.name = "t",
          .role = core::Role::kParameter,
          .element = element,
          .rank = 3,
          .shape = {2, 3, 4},
          .strides = {s0, s1, s2},
          .batch_axis = -1,
          .offset = 64};
}

TEST(Tensor, PlainCopiesAreRowMajorWhateverTheStrides) {
  const TensorInfo layouts[] = {strided(12, 4, 1, Element::kF32), strided(1, 2, 6, Element::kF64),
                                strided(40, 8, 2, Element::kI32), strided(4, 8, 1, Element::kF32)};
  for (const TensorInfo& tensor : layouts) {
    alignas(64) std::byte arena[1024] = {};
    std::vector<double> values(24);
    std::iota(values.begin(), values.end(), 1);
    set_values(arena, tensor, values);
    EXPECT_EQ(values_of(arena, tensor), values);
    for (std::int64_t i = 0; i < 24; ++i) {
      TensorInfo one = tensor;
      one.offset += position_of(tensor, i) * core::bytes_of(tensor.element);
      EXPECT_EQ(scalar_of(arena, one), static_cast<double>(i + 1));
    }
    std::vector<std::byte> plain(static_cast<std::size_t>(byte_count(tensor)));
    copy_out(arena, tensor, plain.data());
    alignas(64) std::byte other[1024] = {};
    copy_in(other, tensor, plain.data());
    EXPECT_EQ(std::memcmp(arena, other, sizeof arena), 0);  // and the gaps were left alone
    TensorInfo dense = strided(12, 4, 1, tensor.element);
    dense.offset = 0;
    EXPECT_EQ(values_of(plain.data(), dense), values);
  }
}

TEST(Tensor, ShapesHaveNames) {
  TensorInfo tensor = strided(12, 4, 1, Element::kF32);
  EXPECT_EQ(shape_text(tensor), "[2, 3, 4]");
  tensor.batch_axis = 0;
  EXPECT_EQ(shape_text(tensor), "[batch, 3, 4]");
  EXPECT_EQ(byte_count(tensor), 96);
  tensor.rank = 0;
  EXPECT_EQ(element_count(tensor), 1);
  EXPECT_EQ(shape_text(tensor), "[]");
}

}  // namespace
}  // namespace gradc::app::testing
