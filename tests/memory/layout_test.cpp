// Where the elements of a tensor lie: rows of whole vectors, long ones of temporaries an odd number
// of them apart.
#include "passes/layout.h"

#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include <vector>

namespace gradc::passes {
namespace {

using Strides = std::vector<std::int64_t>;
using Storage = ir::Buffer::Storage;

ir::Buffer laid_out(Shape shape, Storage storage, Element element = Element::kF32,
                    const MemoryOrder& order = {}) {
  ir::Buffer buffer;
  buffer.shape = shape;
  buffer.storage = storage;
  buffer.element = element;
  lay_out(buffer, order);
  return buffer;
}

TEST(Layout, RowsAreWholeVectors) {
  const ir::Buffer rows = laid_out({Dim(3), Dim(27)}, Storage::kTemporary);
  EXPECT_EQ(rows.strides, (Strides{32, 1}));
  EXPECT_EQ(rows.elements, 96);
  EXPECT_EQ(laid_out({Dim(3), Dim(27)}, Storage::kTemporary, Element::kF64).strides,
            (Strides{32, 1}));
  EXPECT_EQ(laid_out({Dim(100), Dim(1)}, Storage::kLeaf).elements, 112);
  EXPECT_EQ(laid_out({}, Storage::kLeaf).elements, 1);
}

TEST(Layout, LongRowsOfTemporariesAreAnOddNumberOfVectors) {
  for (const std::int64_t extent : {512, 505, 1024, 50'257}) {
    const std::int64_t vectors = (extent + 15) / 16;
    const std::int64_t odd = vectors + (vectors % 2 == 0 ? 1 : 0);
    EXPECT_EQ(laid_out({Dim(4), Dim(extent)}, Storage::kTemporary).strides, (Strides{16 * odd, 1}));
    EXPECT_EQ(laid_out({Dim(4), Dim(extent)}, Storage::kLeaf).strides, (Strides{16 * vectors, 1}));
    EXPECT_EQ(laid_out({Dim(4), Dim(extent)}, Storage::kOutput).strides,
              (Strides{16 * vectors, 1}));
  }
  EXPECT_EQ(laid_out({Dim(4), Dim(496)}, Storage::kTemporary).strides, (Strides{496, 1}));
  EXPECT_EQ(laid_out({Dim(4), Dim(256)}, Storage::kTemporary, Element::kF64).strides,
            (Strides{264, 1}));
}

TEST(Layout, ARowOfSeveralAxesIsPaddedAsOne) {
  const ir::Buffer heads = laid_out({Dim(2), Dim(3), Dim(7), Dim(192)}, Storage::kTemporary,
                                    Element::kF32, {.axes = {0, 2, 1, 3}, .row = 2});
  EXPECT_EQ(heads.strides, (Strides{7 * 592, 192, 592, 1}));
  EXPECT_EQ(heads.elements, 2 * 7 * 592);
}

}  // namespace
}  // namespace gradc::passes
