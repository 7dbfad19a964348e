// visit: from the op of a node to its block in the op table.
//
//   const char* name = visit(node.op, []<class Block>() { return Block::name; });
//
// A new op needs no change where this is used.
#pragma once

#include <gradc/dsl.h>

#include <utility>

namespace gradc::ir {

namespace detail {

template <class F, class First, class... Rest>
decltype(auto) visit(Op op, F& f, OpList<First, Rest...>) {
  using Result = decltype(f.template operator()<First>());
  using Call = Result (*)(F&);
  static constexpr Call calls[] = {
      [](F& call) -> Result { return call.template operator()<First>(); },
      [](F& call) -> Result { return call.template operator()<Rest>(); }...};
  return calls[static_cast<int>(op)](f);
}

}  // namespace detail

// f.operator()<Block>() for the block of `op`; the same result type for all.
template <class F>
decltype(auto) visit(Op op, F&& f) {
  return detail::visit(op, f, Ops{});
}

// Whether an op acts element by element: its block has a `body`.
template <class Block>
inline constexpr bool kHasBody = requires { Block::body; };
template <class Block>
inline constexpr bool kHasVjp = requires { Block::vjp; };

}  // namespace gradc::ir
