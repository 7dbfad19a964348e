// The meaning of each op that is not elementwise. One definition an op; `extents` are the result's.
#pragma once

#include <eval/array.h>
#include <gradc/dsl.h>

namespace gradc::eval {

using Ints = List<std::int64_t, 16>;

// 0, 1, 2, ... along `axis`.
Array iota(std::vector<std::int64_t> extents, std::int64_t axis);
Array random(std::vector<std::int64_t> extents, std::uint64_t seed, std::uint32_t stream,
             std::uint64_t step);

// y[i] = x[j], with j the kept ones of i's axes: folded with + from 0, in row-major order.
Array sum(const Array& x, std::vector<std::int64_t> extents, const Ints& axes);
// The same, folded with max(a, b) = a < b ? b : a from the first element.
Array max(const Array& x, std::vector<std::int64_t> extents, const Ints& axes);

// y[i] = x[i at the axes that are followed], 0 where x has an extent of 1.
Array broadcast(const Array& x, std::vector<std::int64_t> extents, const Ints& sources);
// The same elements in the same order.
Array reshape(const Array& x, std::vector<std::int64_t> extents);
// y[i] = x[j] with j[order[k]] = i[k].
Array transpose(const Array& x, std::vector<std::int64_t> extents, const Ints& order);
// y[i] = x[i + start].
Array slice(const Array& x, std::vector<std::int64_t> extents, const Ints& starts);
// y[i + before] = x[i], 0 elsewhere.
Array pad(const Array& x, std::vector<std::int64_t> extents, const Ints& widths);

// y[b, l, r] = sum over k of a[b, l, k] * c[b, r, k], for the axes that `axes` calls so.
Array contract(const Array& a, const Array& c, std::vector<std::int64_t> extents,
               const ContractAxes& axes);

// y[i, j] = table[indices[i], j].
Array gather(const Array& table, const Array& indices, std::vector<std::int64_t> extents);
// y[r, j] = sum over i with indices[i] = r of updates[i, j], in the order of i.
Array scatter(const Array& updates, const Array& indices, std::vector<std::int64_t> extents);

}  // namespace gradc::eval
