// Reading nodes as algebra, and writing them: what the rules of simplify share.
//
// Tensors are nodes of the graph in the making. In comments `repeat` is a broadcast, s and t are
// scalars, c and d constants.
#pragma once

#include <gradc/dsl.h>

#include <functional>
#include <initializer_list>
#include <optional>

#include "ir/rewrite.h"

namespace gradc::passes {

using ir::is;
using ir::operand;
using ir::Rule;
using ir::Site;
using Match = std::optional<Tensor>;

// --- Reading
// ----------------------------------------------------------------------------------------

// How many levels a search goes into sums of sums and products of products: what several of them
// share is met on every path to it.
inline constexpr int kSearchDepth = 8;

inline bool same(Tensor a, Tensor b) { return a.node == b.node; }
inline Attributes attributes_of(Tensor x) { return ir::node_of(x).attributes; }
bool is_constant(Tensor x, double value);  // at every place
bool is_elementwise(Op op);

// s, if x = repeat(s) with s a scalar, and x is none.
Match repeated_scalar(Tensor x);

// x = core * factor with a scalar factor; negation is the factor -1. Seen through unit
// axes and pads, inside of which factors stay.
struct Scaled {
  Tensor core, factor;
};
std::optional<Scaled> scaled(Tensor x);

// Whether scalars are known to be equal.
bool same_scalar(Tensor s, Tensor t);

// x / s where s is a factor of x, be it inside products, quotients, views and repeats.
Match without_factor(Tensor x, Tensor s);

// s, if x is known to be -s in fewer or as many operations: a negation or a negative constant.
Match negated(Tensor x);

// Whether the broadcast `x` takes one value along an axis.
bool repeats_along(Tensor x, int axis);

// Whether shapes differ in unit axes only, that is, in static axes of extent 1.
bool is_unit(const Dim& dim);
bool differ_in_units(const Shape& a, const Shape& b);
Shape without_units(const Shape& shape);
// x, if `reshaped` is a reshape that inserts or drops unit axes of x.
Match behind_units(Tensor reshaped);

// Where x is one_hot(tokens) along `axis`, and the tokens are known to name one of its classes:
// each row along the axis holds a single 1.
struct OneHot {
  Tensor tokens;  // i32, the shape of x but for the axis
  int axis;
};
std::optional<OneHot> as_one_hot(Tensor x);

// b, if x = b * repeat(1 / sum b), the sum over the axes along which it is repeated.
Match normalized_of(Tensor x);

// Two terms of a sum become one by `join(x, y, add)`, which says what x + y is, or x - y; with one
// other term between them: (x + w) + y = join(x, y) + w, with any signs.
Match join_apart(const Site& site, const std::function<Match(Tensor x, Tensor y, bool add)>& join);

// --- Writing
// ----------------------------------------------------------------------------------------

// The op of the site on other operands.
Tensor again(const Site& site, std::initializer_list<Tensor> operands);
// The op of the site with its only or first operand replaced.
Tensor again_on(const Site& site, Tensor first);

// x at the axes of `shape` that `sources` name (see infer_broadcast); x itself if that is all.
Tensor repeat_along(Tensor x, const Attributes& sources, const Shape& shape);
Tensor filled(Graph& graph, double value, const Shape& shape);
template <class Block>
Tensor reduce_over(Tensor x, const Attributes& axes) {
  return axes.ints.empty() ? x : detail::unary<Block>(x, axes);
}
// A reshape, if it is legal.
Match try_reshape(Tensor x, const Shape& shape);

bool contains(const Attributes& axes, int axis);

}  // namespace gradc::passes
