#include "passes/pairs.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <limits>
#include <set>

namespace gradc::passes {
namespace {

using ir::Affine;
using ir::Kernel;

bool contains(const std::vector<int>& list, int item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

class Finder {
 public:
  explicit Finder(const ir::Program& program) : program_(program) {}

  std::optional<Attention> find(int seed) {
    const Kernel& kernel = program_.kernels[seed];
    const ir::Contraction& c = kernel.contraction;
    if (!kernel.contracts || c.batch.empty() || c.m.empty() || c.n.size() != 1) return {};
    std::vector<int> roles(kernel.axes.size(), kNoRole);
    for (std::size_t i = 0; i < c.batch.size(); ++i) roles[c.batch[i]] = static_cast<int>(i);
    int tile = c.m.front();
    for (const int axis : c.m)
      if (kernel.axes[axis].extent > kernel.axes[tile].extent) tile = axis;
    roles[tile] = kTileRole;
    roles[c.n.front()] = kKeysRole;
    outer_ = static_cast<int>(c.batch.size());
    for (const int axis : c.batch) extents_.push_back(kernel.axes[axis].extent);
    queries_ = kernel.axes[tile].extent;
    keys_ = kernel.axes[c.n.front()].extent;
    if (kernel.axes[tile].batched || kernel.axes[c.n.front()].batched) return {};
    roles_[seed] = roles;
    if (!take(seed)) return {};
    while (!open_.empty()) {
      const int buffer = open_.back();
      open_.pop_back();
      for (std::size_t k = 0; k < program_.kernels.size(); ++k)
        if (!join(static_cast<int>(k), buffer)) return {};
    }
    return finish();
  }

 private:
  // Kernel k, if it touches pair buffer `buffer`.
  bool join(int k, int buffer) {
    const Kernel& kernel = program_.kernels[k];
    std::vector<int> roles(kernel.axes.size(), kNoRole);
    bool touches = false, fits = true;
    ir::each_access(kernel, [&](int b, const Affine& index, int row, bool) {
      if (b != buffer) return;
      touches = true;
      fits = fits && row < 0 && index.offset == 0;
      const auto& strides = pairs_.at(buffer);
      for (const Affine::Term& term : index.terms) {
        const auto role = strides.find(term.coefficient);
        if (role == strides.end()) {
          fits = false;
        } else if (role->second != kNoRole) {
          fits = fits && (roles[term.axis] == kNoRole || roles[term.axis] == role->second);
          roles[term.axis] = role->second;
        }
      }
    });
    if (!touches) return true;
    if (!fits) return false;
    const auto known = roles_.find(k);
    if (known != roles_.end()) return known->second == roles;
    roles_[k] = roles;
    return take(k);
  }

  // Checks a kernel whose roles are known, and finds the pair buffers it touches.
  bool take(int k) {
    const Kernel& kernel = program_.kernels[k];
    const std::vector<int>& roles = roles_[k];
    Attention::Member member{.kernel = k, .roles = roles};
    ir::Stream::Member& axes = member.axes;
    axes.outer.assign(static_cast<std::size_t>(outer_), -1);
    for (std::size_t a = 0; a < roles.size(); ++a) {
      const int axis = static_cast<int>(a);
      int* place = nullptr;
      std::int64_t extent = 0;
      if (roles[a] >= 0) {
        place = &axes.outer[static_cast<std::size_t>(roles[a])];
        extent = extents_[static_cast<std::size_t>(roles[a])];
      } else if (roles[a] == kTileRole) {
        place = &axes.tile;
        extent = queries_;
      } else if (roles[a] == kKeysRole) {
        place = &axes.keys;
        extent = keys_;
      } else {
        continue;
      }
      if (*place >= 0 || kernel.axes[axis].extent != extent) return false;
      *place = axis;
    }
    if (contains(axes.outer, -1) || axes.tile < 0 || axes.keys < 0) return false;
    if (!(kernel.contracts ? suits_contraction(kernel, axes) : suits_nest(kernel, axes)))
      return false;
    members_.push_back(std::move(member));

    bool fits = true;
    ir::each_access(kernel, [&](int buffer, const Affine& index, int row, bool) {
      const bool pair = index.coefficient(axes.tile) != 0 && index.coefficient(axes.keys) != 0;
      if (!pair || pairs_.contains(buffer)) return;
      if (program_.buffers[buffer].storage != ir::Buffer::Storage::kTemporary) {
        fits = false;
        return;
      }
      auto& strides = pairs_[buffer];
      for (const Affine::Term& term : index.terms) strides[term.coefficient] = roles[term.axis];
      for (const int axis : axes.outer) fits = fits && index.coefficient(axis) != 0;
      fits = fits && row < 0 && index.offset == 0 && strides.size() == index.terms.size();
      open_.push_back(buffer);
    });
    return fits;
  }

  bool suits_contraction(const Kernel& kernel, ir::Stream::Member& axes) const {
    const ir::Contraction& c = kernel.contraction;
    for (const int axis : axes.outer)
      if (!contains(c.batch, axis)) return false;
    if (kernel.lanes == axes.tile || contains(c.batch, axes.tile) || contains(c.batch, axes.keys))
      return false;
    axes.accumulates = contains(c.k, axes.tile);
    if (!axes.accumulates) return contains(c.m, axes.tile);
    if (contains(c.k, axes.keys)) return false;
    // The sum is there to add to only if nothing else is done with it.
    const auto& stores = kernel.stages.front().stores;
    return c.k.front() == axes.tile && kernel.stages.size() == 1 && stores.size() == 1 &&
           stores[0].value == c.result && stores[0].row < 0 &&
           program_.buffers[stores[0].buffer].storage == ir::Buffer::Storage::kTemporary;
  }

  bool suits_nest(const Kernel& kernel, const ir::Stream::Member& axes) const {
    if (kernel.sequential || kernel.lanes == axes.tile) return false;
    for (const int axis : axes.outer)
      if (!contains(kernel.rows, axis)) return false;
    return contains(kernel.rows, axes.tile);
  }

  std::optional<Attention> finish() {
    Attention attention{.queries = queries_, .keys = keys_};
    std::sort(members_.begin(), members_.end(),
              [](const auto& a, const auto& b) { return a.kernel < b.kernel; });
    for (const auto& [buffer, strides] : pairs_) attention.pairs.push_back(buffer);
    // A pair buffer comes from one kernel.
    for (const int buffer : attention.pairs) {
      int writers = 0;
      for (const Attention::Member& member : members_) {
        bool writes = false;
        ir::each_access(program_.kernels[member.kernel],
                        [&](int b, const Affine&, int, bool write) {
                          writes = writes || (write && b == buffer);
                        });
        writers += writes;
      }
      if (writers != 1) return {};
    }
    attention.members = std::move(members_);
    set_levels(attention);
    return attention;
  }

  void set_levels(Attention& attention) const {
    std::vector<int> ready(program_.buffers.size(), 0);  // the level that may read a buffer
    // Of what a member leaves for each query: its level, and which stride is whose.
    std::map<int, std::pair<int, std::map<std::int64_t, int>>> rows;
    auto member = attention.members.begin();
    for (std::size_t k = 0; k < program_.kernels.size(); ++k) {
      const Kernel& kernel = program_.kernels[k];
      const bool is_member =
          member != attention.members.end() && member->kernel == static_cast<int>(k);
      int level = 0;
      ir::each_access(kernel, [&](int buffer, const Affine& index, int row, bool) {
        const auto known = rows.find(buffer);
        const bool own = is_member && known != rows.end() && row < 0 &&
                         roles_of(index, member->roles) == known->second.second;
        level = std::max(level, own ? known->second.first : ready[buffer]);
      });
      ir::each_access(kernel, [&](int buffer, const Affine& index, int row, bool write) {
        if (!write) return;
        ready[buffer] = level + (is_member && !pairs_.contains(buffer) ? 1 : 0);
        rows.erase(buffer);
        if (is_member && !member->axes.accumulates && row < 0 && !pairs_.contains(buffer))
          rows[buffer] = {level, roles_of(index, member->roles)};
      });
      if (is_member) (member++)->level = level;
    }
  }

  static std::map<std::int64_t, int> roles_of(const Affine& index, const std::vector<int>& roles) {
    std::map<std::int64_t, int> strides;
    for (const Affine::Term& term : index.terms)
      if (roles[term.axis] != kNoRole) strides[term.coefficient] = roles[term.axis];
    return strides;
  }

  const ir::Program& program_;
  int outer_ = 0;
  std::vector<std::int64_t> extents_;
  std::int64_t queries_ = 0, keys_ = 0;
  std::map<int, std::vector<int>> roles_;             // by kernel
  std::map<int, std::map<std::int64_t, int>> pairs_;  // by buffer: stride to role
  std::vector<int> open_;
  std::vector<Attention::Member> members_;
};

// What values are where the key stands behind the query, as far as that is a constant.
class Behind {
 public:
  Behind(const ir::Program& program, const Attention& attention)
      : program_(program), attention_(attention) {}

  bool run() {
    for (const Attention::Member& member : attention_.members)
      if (!counts_for_nothing(member)) return false;
    return true;
  }

 private:
  using Known = std::optional<double>;

  bool counts_for_nothing(const Attention::Member& member) {
    const Kernel& kernel = program_.kernels[member.kernel];
    std::vector<Known> values;
    for (std::size_t v = 0; v < kernel.values.size(); ++v)
      values.push_back(value(kernel, member, values, static_cast<int>(v)));
    bool nothing = true;
    for (const ir::Stage& stage : kernel.stages) {
      for (const ir::Store& store : stage.stores)
        if (contains(attention_.pairs, store.buffer)) behind_[store.buffer] = values[store.value];
      if (!contains(stage.inner, member.axes.keys)) continue;
      for (const ir::Reduction& reduction : stage.reductions) {
        const double neutral = reduction.maximum ? -std::numeric_limits<double>::infinity() : 0;
        nothing = nothing && values[reduction.value] == neutral;
      }
    }
    // Products with a score of zero.
    if (kernel.contracts && (contains(kernel.contraction.k, member.axes.keys) ||
                             contains(kernel.contraction.k, member.axes.tile)))
      nothing = nothing && (is_zero(kernel.contraction.left_buffer) ||
                            is_zero(kernel.contraction.right_buffer));
    return nothing;
  }

  bool is_zero(int buffer) const {
    const auto at = behind_.find(buffer);
    return at != behind_.end() && at->second == 0.0;
  }

  static bool is_place(const Kernel& kernel, int value, int axis) {
    const ir::Value* v = &kernel.values[value];
    if (v->kind == ir::Value::Kind::kApply && v->op == op_of<Cast>)
      v = &kernel.values[v->operands[0]];
    return v->kind == ir::Value::Kind::kIndex && v->index.offset == 0 &&
           v->index.terms.size() == 1 && v->index.coefficient(axis) == 1;
  }

  Known value(const Kernel& kernel, const Attention::Member& member,
              const std::vector<Known>& values, int id) const {
    const ir::Value& v = kernel.values[id];
    if (v.kind == ir::Value::Kind::kConstant) return v.number;
    if (v.kind == ir::Value::Kind::kLoad) {
      const auto at = behind_.find(v.buffer);
      return at == behind_.end() ? Known() : at->second;
    }
    if (v.kind != ir::Value::Kind::kApply) return {};
    const auto x = [&](int i) { return values[v.operands[i]]; };
    if (v.op == op_of<LessEqual> && is_place(kernel, v.operands[0], member.axes.keys) &&
        is_place(kernel, v.operands[1], member.axes.tile))
      return 0;
    if (v.op == op_of<Where> && x(0)) return *x(0) != 0 ? x(1) : x(2);
    if (v.op == op_of<Mul> && (x(0) == 0.0 || x(1) == 0.0)) return 0;
    if (v.op == op_of<Div> && x(0) == 0.0) return 0;
    // Of a finite number and minus infinity.
    const double low = -std::numeric_limits<double>::infinity();
    if (v.op == op_of<Sub> && x(0) == low) return low;
    if (v.op == op_of<Add> && (x(0) == low || x(1) == low)) return low;
    if (v.op == op_of<Mul> && x(0) == low && x(1) && *x(1) > 0) return low;
    if (v.op == op_of<Fma> && x(2) == low) return low;
    if (v.op == op_of<Exp> && x(0) == low) return 0;
    return {};
  }

  const ir::Program& program_;
  const Attention& attention_;
  std::map<int, Known> behind_;  // by pair buffer
};

}  // namespace

std::optional<Attention> find_attention(const ir::Program& program, int seed) {
  return Finder(program).find(seed);
}

bool is_causal(const ir::Program& program, const Attention& attention) {
  return attention.queries == attention.keys && Behind(program, attention).run();
}

}  // namespace gradc::passes
