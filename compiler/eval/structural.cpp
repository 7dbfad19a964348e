#include <eval/philox.h>
#include <eval/structural.h>
#include <support/check.h>

#include <cmath>

namespace gradc::eval {
namespace {

using Index = std::vector<std::int64_t>;

std::int64_t offset(const Index& index, const Index& strides) {
  std::int64_t sum = 0;
  for (std::size_t axis = 0; axis < index.size(); ++axis) sum += index[axis] * strides[axis];
  return sum;
}

// y[i] = x[f(i)], for every index i of y.
template <class F>
Array rearrange(const Array& x, Index extents, F f) {
  Array y(std::move(extents));
  const Index from = x.strides(), to = y.strides();
  for_each_index(y.extents, [&](const Index& i) {
    y.elements[offset(i, to)] = x.elements[offset(f(i), from)];
  });
  return y;
}

// f(offset in x, offset in y) for every element of x in order, y having lost the given axes.
template <class F>
void fold(const Array& x, const Array& y, const Ints& axes, F f) {
  const Index y_strides = y.strides();
  Index strides;  // of y along the axes of x: 0 for those that are folded away
  int reduced = 0, kept = 0;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool gone = reduced < axes.size() && axes[reduced] == axis;
    strides.push_back(gone ? 0 : y_strides[kept]);
    if (gone)
      ++reduced;
    else
      ++kept;
  }
  std::size_t at = 0;
  for_each_index(x.extents, [&](const Index& i) { f(at++, offset(i, strides)); });
}

// The row that an index chooses.
std::int64_t row_of(double index, std::int64_t rows) {
  CHECK(index >= 0 && index < static_cast<double>(rows) && index == std::floor(index),
        "index " + std::to_string(index) + " of " + std::to_string(rows) + " rows");
  return static_cast<std::int64_t>(index);
}

}  // namespace

Array iota(Index extents, std::int64_t axis) {
  Array y(std::move(extents));
  std::size_t at = 0;
  for_each_index(y.extents,
                 [&](const Index& i) { y.elements[at++] = static_cast<double>(i[axis]); });
  return y;
}

Array random(Index extents, std::uint64_t seed, std::uint32_t stream, std::uint64_t step) {
  Array y(std::move(extents));
  for (std::size_t i = 0; i < y.elements.size(); ++i)
    y.elements[i] = uniform(seed, stream, step, i);
  return y;
}

Array sum(const Array& x, Index extents, const Ints& axes) {
  Array y(std::move(extents));
  fold(x, y, axes, [&](std::int64_t i, std::int64_t j) { y.elements[j] += x.elements[i]; });
  return y;
}

Array max(const Array& x, Index extents, const Ints& axes) {
  Array y(std::move(extents));
  std::vector<bool> begun(y.elements.size(), false);
  fold(x, y, axes, [&](std::int64_t i, std::int64_t j) {
    if (!begun[j] || y.elements[j] < x.elements[i]) y.elements[j] = x.elements[i];
    begun[j] = true;
  });
  return y;
}

Array broadcast(const Array& x, Index extents, const Ints& sources) {
  return rearrange(x, std::move(extents), [&](const Index& i) {
    Index j(x.extents.size(), 0);
    for (int axis = 0; axis < sources.size(); ++axis)
      if (sources[axis] >= 0 && x.extents[sources[axis]] != 1) j[sources[axis]] = i[axis];
    return j;
  });
}

Array reshape(const Array& x, Index extents) {
  Array y(std::move(extents));
  CHECK(y.elements.size() == x.elements.size());
  y.elements = x.elements;
  return y;
}

Array transpose(const Array& x, Index extents, const Ints& order) {
  return rearrange(x, std::move(extents), [&](const Index& i) {
    Index j(i.size());
    for (int axis = 0; axis < order.size(); ++axis) j[order[axis]] = i[axis];
    return j;
  });
}

Array slice(const Array& x, Index extents, const Ints& starts) {
  return rearrange(x, std::move(extents), [&](Index i) {
    for (std::size_t axis = 0; axis < i.size(); ++axis) i[axis] += starts[static_cast<int>(axis)];
    return i;
  });
}

Array pad(const Array& x, Index extents, const Ints& widths) {
  Array y(std::move(extents));
  const Index strides = y.strides();
  std::size_t at = 0;
  for_each_index(x.extents, [&](Index i) {
    for (std::size_t axis = 0; axis < i.size(); ++axis) i[axis] += widths[static_cast<int>(axis)];
    y.elements[offset(i, strides)] = x.elements[at++];
  });
  return y;
}

Array contract(const Array& a, const Array& c, Index extents, const ContractAxes& axes) {
  Array y(std::move(extents));
  const Index a_strides = a.strides(), c_strides = c.strides();
  // Strides of a and c along the axes of y, and along the contracted axes.
  Index a_outer, c_outer, a_inner, c_inner, inner;
  for (int i = 0; i < axes.left_batch.size(); ++i) {
    a_outer.push_back(a_strides[axes.left_batch[i]]);
    c_outer.push_back(c_strides[axes.right_batch[i]]);
  }
  for (const int axis : axes.left_free(a.rank())) {
    a_outer.push_back(a_strides[axis]);
    c_outer.push_back(0);
  }
  for (const int axis : axes.right_free(c.rank())) {
    a_outer.push_back(0);
    c_outer.push_back(c_strides[axis]);
  }
  for (int i = 0; i < axes.left_over.size(); ++i) {
    inner.push_back(a.extents[axes.left_over[i]]);
    a_inner.push_back(a_strides[axes.left_over[i]]);
    c_inner.push_back(c_strides[axes.right_over[i]]);
  }
  // Where the terms of a sum lie, from its first.
  std::vector<std::pair<std::int64_t, std::int64_t>> terms;
  for_each_index(
      inner, [&](const Index& k) { terms.emplace_back(offset(k, a_inner), offset(k, c_inner)); });
  std::size_t at = 0;
  for_each_index(y.extents, [&](const Index& i) {
    const std::int64_t a_first = offset(i, a_outer), c_first = offset(i, c_outer);
    double total = 0;
    for (const auto& [a_term, c_term] : terms)
      total += a.elements[a_first + a_term] * c.elements[c_first + c_term];
    y.elements[at++] = total;
  });
  return y;
}

Array gather(const Array& table, const Array& indices, Index extents) {
  Array y(std::move(extents));
  const std::size_t width = table.strides()[0];
  for (std::size_t i = 0; i < indices.elements.size(); ++i) {
    const std::size_t row = row_of(indices.elements[i], table.extents[0]);
    for (std::size_t j = 0; j < width; ++j)
      y.elements[i * width + j] = table.elements[row * width + j];
  }
  return y;
}

Array scatter(const Array& updates, const Array& indices, Index extents) {
  Array y(std::move(extents));
  const std::size_t width = y.strides()[0];
  for (std::size_t i = 0; i < indices.elements.size(); ++i) {
    const std::size_t row = row_of(indices.elements[i], y.extents[0]);
    for (std::size_t j = 0; j < width; ++j)
      y.elements[row * width + j] += updates.elements[i * width + j];
  }
  return y;
}

}  // namespace gradc::eval
