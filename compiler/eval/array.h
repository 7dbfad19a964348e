// Array: the value of one node, in doubles.
#pragma once

#include <cstdint>
#include <vector>

namespace gradc::eval {

// Elements in row-major order. Extents are those of the running batch. Indices (i32) are doubles
// that happen to be whole.
struct Array {
  std::vector<std::int64_t> extents;
  std::vector<double> elements;

  Array() = default;
  explicit Array(std::vector<std::int64_t> its_extents, double fill = 0)
      : extents(std::move(its_extents)), elements(count(extents), fill) {}

  int rank() const { return static_cast<int>(extents.size()); }

  // How far apart neighbours along each axis lie.
  std::vector<std::int64_t> strides() const {
    std::vector<std::int64_t> result(extents.size(), 1);
    for (int axis = rank() - 2; axis >= 0; --axis)
      result[axis] = result[axis + 1] * extents[axis + 1];
    return result;
  }

  static std::size_t count(const std::vector<std::int64_t>& extents) {
    std::size_t product = 1;
    for (const std::int64_t extent : extents) product *= static_cast<std::size_t>(extent);
    return product;
  }
};

// Calls f with every index of a box, in row-major order.
template <class F>
void for_each_index(const std::vector<std::int64_t>& extents, F f) {
  std::vector<std::int64_t> index(extents.size(), 0);
  for (std::size_t left = Array::count(extents); left > 0; --left) {
    f(index);
    for (int axis = static_cast<int>(extents.size()) - 1; axis >= 0; --axis) {
      if (++index[axis] < extents[axis]) break;
      index[axis] = 0;
    }
  }
}

}  // namespace gradc::eval
