#include <gradc/app/instance.h>
#include <gradc/app/tensor.h>
#include <gradc/core/random.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "app/fake_model.h"

namespace gradc::app::testing {
namespace {

using core::Element;
using core::TensorInfo;

// A tensor of shape [2, 3, 4] whose axes lie in any order, with gaps.
TensorInfo strided(std::int64_t s0, std::int64_t s1, std::int64_t s2, Element element) {
  return {.name = "t",
          .role = core::Role::kParameter,
          .element = element,
          .offset = 64,
          .rank = 3,
          .shape = {2, 3, 4},
          .strides = {s0, s1, s2},
          .batch_axis = -1};
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

// Number i of stream k, whatever the layout: here rows are padded.
TEST(Instance, InitialValuesAreNumberedRowByRow) {
  FakeModel fake = lines_model();
  Instance instance(fake.model(), Instance::Purpose::kRun);
  instance.initialise(42);
  for (const std::uint32_t stream : {0u, 1u}) {
    const core::Draw draw{.seed = 42, .stream = stream};
    const auto values = values_of(instance.arena(), fake.tensors[stream]);
    for (std::int64_t i = 0; i < 27 * 27; ++i) {
      ASSERT_EQ(values[static_cast<std::size_t>(i)], 0.1f * core::normal<float>(draw, i));
    }
  }
}

TEST(Instance, UniformValuesLieBetweenTheirEnds) {
  FakeModel fake = lines_model();
  fake.tensors[0].initializer = {core::Initializer::Kind::kUniform, -2, 6};
  Instance instance(fake.model(), Instance::Purpose::kRun);
  instance.initialise(1);
  const auto values = values_of(instance.arena(), fake.tensors[0]);
  EXPECT_NEAR(*std::ranges::min_element(values), -2, 0.1);
  EXPECT_NEAR(*std::ranges::max_element(values), 6, 0.1);
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / 729, 2, 0.35);
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
