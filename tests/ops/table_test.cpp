// Every block of the op table has all of its parts. Compiled is passed, for the most part.
#include <gtest/gtest.h>
#include <ir/visit.h>

#include <set>

namespace gradc {
namespace {

constexpr bool is_name(std::string_view name) {
  for (const char c : name)
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') return false;
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z';
}

// A sentence without a capital and a period, as in messages.
constexpr bool is_doc(std::string_view doc) { return !doc.empty() && doc.back() != '.'; }

template <class Block>
constexpr bool is_complete() {
  static_assert(is_name(Block::name));
  static_assert(is_doc(Block::doc));
  static_assert(Block::arity >= 0 && Block::arity <= kMaxOperands);
  static_assert(Block::infer != nullptr);
  if constexpr (Block::kind == Kind::kElementwise) {
    static_assert(ir::kHasBody<Block>, "an elementwise op has a body");
    static_assert(ir::kHasVjp<Block>, "an elementwise op has a vjp, if only of `none`");
    static_assert(Block::probe.lo < Block::probe.hi && Block::probe.lo2 < Block::probe.hi2);
    static_assert(Block::probe.ulp >= 0 && Block::probe.ulp <= 4);
  } else {
    static_assert(!ir::kHasBody<Block>, "only elementwise ops have a body");
    // Leaves have no operand, and gradients are worked out before anything differentiates them.
    static_assert(ir::kHasVjp<Block> || Block::arity == 0 || std::is_same_v<Block, Gradient>);
  }
  return true;
}

template <class... Blocks>
constexpr bool all_complete(OpList<Blocks...>) {
  return (is_complete<Blocks>() && ...);
}
static_assert(all_complete(Ops{}));
static_assert(Ops::size <= 256, "Op is one byte");

TEST(OpTable, NamesAreDistinct) {
  std::set<std::string> names;
  for (const OpInfo& row : kOpTable) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

TEST(OpTable, VisitFindsTheRow) {
  for (int op = 0; op < Ops::size; ++op)
    EXPECT_STREQ(ir::visit(static_cast<Op>(op), []<class Block>() { return Block::name; }),
                 kOpTable[op].name);
}

}  // namespace
}  // namespace gradc
