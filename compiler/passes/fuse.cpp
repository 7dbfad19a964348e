#include "passes/fuse.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <set>

#include "ir/cost_model.h"
#include "support/check.h"

namespace gradc::passes {

using ir::Affine;
using ir::Axis;

namespace {

constexpr int kCrossed = -2;  // in place of the axis along a row

std::int64_t size_of(const std::vector<Axis>& axes) {
  std::int64_t size = 1;
  for (const Axis& axis : axes) size *= axis.extent;
  return size;
}

bool is_same_loop(const Axis& a, const Axis& b) {
  return a.extent == b.extent && a.batched == b.batched && a.limited == b.limited;
}

bool contains(const std::vector<int>& list, int item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

class Fuser {
 public:
  Fuser(const Graph& graph, Roots roots, int present) : graph_(graph), present_(present) {
    plan_.roots = std::move(roots);
  }

  FusionPlan run() {
    break_cycles();
    find_prepared();
    find_first();
    for (std::size_t r = 0; r < plan_.roots.all.size(); ++r) height(static_cast<int>(r));
    const std::size_t count = plan_.roots.all.size();
    plan_.group_of.assign(count, -1);
    plan_.axis.resize(count);
    // Scalars first, for anything may need them. Then the longest way to the end: what many others
    // wait for comes before updates, which may then overwrite parameters that nobody else still
    // reads.
    std::vector<int> waiting(count);
    for (std::size_t r = 0; r < count; ++r) waiting[r] = static_cast<int>(before_[r].size());
    for (std::size_t done = 0; done < count; ++done) {
      int next = -1;
      for (std::size_t r = 0; r < count; ++r)
        if (plan_.group_of[r] < 0 && waiting[r] == 0 &&
            (next < 0 || urgency(static_cast<int>(r)) > urgency(next)))
          next = static_cast<int>(r);
      CHECK(next >= 0, "updates wait for each other");
      place(next);
      for (int after : after_[next]) --waiting[after];
    }
    return std::move(plan_);
  }

 private:
  const Root& root(int r) const { return plan_.roots.all[r]; }

  int urgency(int r) const {
    const bool wanted = root(r).updates.empty() || !after_[r].empty();
    const bool first = root(r).axes.empty() && wanted;
    return height_[r] + (first ? static_cast<int>(plan_.roots.all.size()) : 0);
  }

  int leaf_index(int node) const { return static_cast<int>(graph_[node].attributes.ints[0]); }

  // Who must be placed before whom. A root waits for what it reads; an update waits for all others
  // that read the old value.
  void link() {
    const int count = static_cast<int>(plan_.roots.all.size());
    before_.assign(count, {});
    after_.assign(count, {});
    old_value_.assign(count, {});
    const auto add = [&](int first, int then) {
      if (first == then || contains(before_[then], first)) return;
      before_[then].push_back(first);
      after_[first].push_back(then);
    };
    for (int r = 0; r < count; ++r) {
      if (root(r).copy_of >= 0) add(root(r).copy_of, r);
      for (const Root::Read& read : root(r).reads)
        if (plan_.roots.of_node[read.node] >= 0) add(plan_.roots.of_node[read.node], r);
    }
    for (int u = 0; u < count; ++u)
      for (int leaf : root(u).updates)
        for (int r = 0; r < count; ++r)
          for (const Root::Read& read : root(r).reads)
            if (r != u && graph_[read.node].op == op_of<LeafOp> && leaf_index(read.node) == leaf) {
              add(r, u);
              if (!contains(old_value_[u], r)) old_value_[u].push_back(r);
            }
    height_.assign(count, -1);
  }

  void find_prepared() {
    plan_.prepared.assign(plan_.roots.all.size(), false);
    if (present_ < 0) return;
    std::vector<bool> fixed(graph_.nodes.size());
    for (std::size_t id = 0; id < fixed.size(); ++id) {
      const Node& node = graph_[static_cast<int>(id)];
      if (node.op == op_of<LeafOp>)
        fixed[id] = graph_.leaves[static_cast<std::size_t>(node.attributes.ints[0])].role ==
                    Role::kParameter;
      if (node.op == op_of<Constant>) fixed[id] = true;
      for (int i = 0; i < node.operands.size(); ++i)
        fixed[id] = (i == 0 || fixed[id]) && fixed[static_cast<std::size_t>(node.operands[i])];
    }
    for (std::size_t r = 0; r < plan_.prepared.size(); ++r) {
      Root& here = plan_.roots.all[r];
      plan_.prepared[r] = fixed[static_cast<std::size_t>(here.node)] && here.updates.empty() &&
                          here.outputs.empty() && here.copy_of < 0 &&
                          std::ranges::none_of(here.axes, &Axis::batched);
      // For all positions, before the first of them.
      for (Axis& axis : here.axes) axis.limited = axis.limited && !plan_.prepared[r];
    }
  }

  // What is prepared, what is read by nothing but updates of the first position, and those
  // themselves.
  void find_first() {
    const std::size_t count = plan_.roots.all.size();
    std::vector<bool> read(count), later(count);
    plan_.first.assign(count, false);
    for (std::size_t r = count; r-- > 0;) {
      const Root& here = root(static_cast<int>(r));
      plan_.first[r] = here.kind == Root::Kind::kFirst || plan_.prepared[r] ||
                       (read[r] && !later[r] && here.updates.empty() && here.outputs.empty());
      for (const Root::Read& one : here.reads) {
        const int p = plan_.roots.of_node[one.node];
        if (p < 0) continue;
        read[p] = true;
        if (!plan_.first[r]) later[p] = true;
      }
    }
  }

  int height(int r) {
    if (height_[r] >= 0) return height_[r];
    int most = 0;
    height_[r] = 0;
    for (int after : after_[r]) most = std::max(most, height(after) + 1);
    return height_[r] = most;
  }

  // An update that cannot write in place is computed first and copied when all is done: one that
  // reads the old value at another place, and one that waits for itself, as two do that read each
  // other's old values. Nothing waits for a copy, so that each one breaks a cycle.
  void break_cycles() {
    const int count = static_cast<int>(plan_.roots.all.size());
    for (int r = 0; r < count; ++r) {
      if (root(r).linear && !root(r).outputs.empty()) copy_outputs(r);
      if (root(r).updates.empty()) continue;
      bool copy = root(r).linear || root(r).kind == Root::Kind::kScatter ||
                  root(r).kind == Root::Kind::kPad || root(r).kind == Root::Kind::kJoin ||
                  root(r).updates.size() > 1;
      for (const Root::Read& read : root(r).reads)
        if (graph_[read.node].op == op_of<LeafOp> &&
            contains(root(r).updates, leaf_index(read.node)))
          copy = copy || read.row >= 0 || read.index != root(r).result;
      if (copy) defer(r);
    }
    link();
    for (int r = 0; r < count; ++r) {
      if (root(r).updates.empty() || !waits_for_itself(r)) continue;
      defer(r);
      link();
    }
  }

  bool waits_for_itself(int r) const {
    std::vector<bool> seen(plan_.roots.all.size());
    std::vector<int> open = after_[r];
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      if (next == r) return true;
      if (seen[next]) continue;
      seen[next] = true;
      open.insert(open.end(), after_[next].begin(), after_[next].end());
    }
    return false;
  }

  void defer(int r) {
    for (int leaf : std::exchange(plan_.roots.all[r].updates, {})) add_copy(r).updates = {leaf};
  }
  void copy_outputs(int r) {
    std::vector<int> outputs = std::exchange(plan_.roots.all[r].outputs, {});
    add_copy(r).outputs = std::move(outputs);
  }
  Root& add_copy(int r) {
    Root copy;
    copy.node = root(r).node;
    copy.copy_of = r;
    if (is_plain_map(r)) {
      copy.axes = root(r).axes;
      copy.result = root(r).result;
    } else {
      copy.result = make_axes(graph_[copy.node].type.shape, copy.axes);
    }
    copy.result_axes = static_cast<int>(copy.axes.size());
    copy.reads.push_back({copy.node, copy.result, -1});
    plan_.roots.all.push_back(std::move(copy));
    return plan_.roots.all.back();
  }

  void place(int r) {
    int earliest = 0;
    for (int b : before_[r]) {
      // What has read the old value must be done with it: in an earlier group, or at the same
      // place.
      const bool strictly = contains(old_value_[r], b) && !reads_only_here(b, r);
      earliest = std::max(earliest, plan_.group_of[b] + (strictly ? 1 : 0));
    }
    for (int g = static_cast<int>(plan_.groups.size()) - 1; g >= earliest; --g)
      if (join(r, g)) return;
    Group group{.axes = root(r).axes, .roots = {r}};
    const bool rows = root(r).kind != Root::Kind::kScatter && root(r).kind != Root::Kind::kPad;
    for (int axis = 0; rows && axis < root(r).result_axes; ++axis) group.rows.push_back(axis);
    for (std::size_t axis = 0; axis < root(r).axes.size(); ++axis)
      plan_.axis[r].push_back(static_cast<int>(axis));
    plan_.group_of[r] = static_cast<int>(plan_.groups.size());
    plan_.groups.push_back(std::move(group));
  }

  // Whether root b reads what u overwrites nowhere but at the place of its own result, so that they
  // may share a group.
  bool reads_only_here(int b, int u) const {
    if (root(b).axes.empty() && root(u).axes.empty()) return true;
    if (!has_plain_loops(b) || root(u).kind != Root::Kind::kMap || !same_loops(b, u)) return false;
    return std::ranges::none_of(root(b).reads, [&](const Root::Read& read) {
      return graph_[read.node].op == op_of<LeafOp> &&
             contains(root(u).updates, leaf_index(read.node)) &&
             (read.row >= 0 || read.index != root(u).result);
    });
  }
  // Whether two roots go through the same places in the same order, so that equal indices are one
  // place.
  bool same_loops(int a, int b) const {
    return std::ranges::equal(root(a).axes, root(b).axes, is_same_loop);
  }
  bool has_plain_loops(int r) const {
    return (root(r).kind == Root::Kind::kMap && !root(r).linear) ||
           root(r).kind == Root::Kind::kReduce;
  }
  // Whether root b is made of what u overwrites. Its readers in the same group take it as what it
  // is made of, and have to come before u then, unless the loop is the same.
  bool uses_old_value(int b, int u) const {
    std::vector<bool> seen(plan_.roots.all.size());
    std::vector<int> open{b};
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      if (seen[next]) continue;
      seen[next] = true;
      if (contains(old_value_[u], next)) return true;
      for (const Root::Read& read : root(next).reads) {
        const int p = plan_.roots.of_node[read.node];
        if (p >= 0 && plan_.group_of[p] == plan_.group_of[b]) open.push_back(p);
      }
    }
    return false;
  }
  bool is_awaited_by_others(int b, int u) const {
    return std::ranges::any_of(after_[b], [&](int r) { return r != u && plan_.group_of[r] < 0; });
  }
  // Whether the places of root b and of a root whose axes go `along` the rows of b's group are in
  // the same row.
  bool same_row(int b, const std::vector<int>& rows, const std::vector<int>& along) const {
    return std::ranges::all_of(rows, [&](int row) {
      const auto at = std::ranges::find(plan_.axis[b], row);
      return at != plan_.axis[b].end() && at - plan_.axis[b].begin() == along[row];
    });
  }

  // Puts root r into group g, if the rows allow it.
  bool join(int r, int g) {
    Group& group = plan_.groups[g];
    const Root& joining = root(r);
    if (plan_.first[r] != plan_.first[group.roots.front()]) return false;
    if (joining.kind == Root::Kind::kContract || joining.kind == Root::Kind::kScatter ||
        joining.kind == Root::Kind::kPad || joining.kind == Root::Kind::kJoin)
      return false;
    // Which axis of r runs along with each row.
    std::vector<int> along(group.axes.size(), -1);
    bool neighbour = false;
    for (const Root::Read& read : joining.reads) {
      const int p = plan_.roots.of_node[read.node];
      if (p < 0 || plan_.group_of[p] != g) continue;
      neighbour = true;
      if (!follow(read, p, r, along)) return false;
    }
    if (!neighbour && !(group.rows.empty() && joining.axes.empty()) && !stand_beside(r, g, along))
      return false;

    std::vector<int> rows;
    for (int row : group.rows)
      if (along[row] >= 0) rows.push_back(row);
    if (rows.size() != group.rows.size() && (rows.empty() || !can_shrink(group))) return false;
    if (rows.empty() && !group.rows.empty()) return false;
    for (const int b : old_value_[r])
      if (plan_.group_of[b] == g && !same_row(b, rows, along)) return false;
    if (rows.empty() && !old_value_[r].empty())
      for (const int b : group.roots)
        if (uses_old_value(b, r) && is_awaited_by_others(b, r)) return false;
    // Without a row axis it runs on one thread.
    if (rows.empty() && size_of(joining.axes) > ir::kSmallWork && joining.result_axes > 0)
      return false;
    const bool whole = rows.size() == static_cast<std::size_t>(joining.result_axes);
    if (joining.kind == Root::Kind::kReduce && !whole) return false;
    // A sum of one place is no loop, but a stage that a contraction does not have.
    const bool folds = joining.kind == Root::Kind::kReduce || joining.axes.size() != rows.size();
    if (contracts(group) && (!whole || folds)) return false;
    // One scalar logarithm a row costs more than a loop of its own over vectors of rows.
    if (whole && !rows.empty() && joining.kind == Root::Kind::kMap && joining.transcendental &&
        has_inner(group, rows))
      return false;

    std::vector<int> axis(joining.axes.size(), -1);
    for (int row : rows) axis[along[row]] = row;
    const std::size_t axes = group.axes.size();
    for (std::size_t a = 0; a < axis.size(); ++a)
      if (axis[a] < 0) axis[a] = inner_axis(group, rows, joining.axes[a], axis);
    if (rows.empty() && !shares_lanes(group, axis)) {
      group.axes.resize(axes);
      return false;
    }
    group.rows = rows;
    plan_.axis[r] = std::move(axis);
    plan_.group_of[r] = g;
    group.roots.push_back(r);
    return true;
  }

  // Whether loops over `axis` end in the one in which those of the group do, which becomes that of
  // the kernel's lanes: in another one a loop would go element by element.
  bool shares_lanes(const Group& group, const std::vector<int>& axis) const {
    return axis.empty() || group.axes[axis.back()].extent == 1 ||
           std::ranges::all_of(group.roots, [&](int r) {
             const std::vector<int>& other = plan_.axis[r];
             return other.empty() || group.axes[other.back()].extent == 1 ||
                    other.back() == axis.back();
           });
  }

  // A read of root p by root r: each axis of p that is a row must be one axis of r's result, or it
  // is no row any more, whatever other reads go along it.
  bool follow(const Root::Read& read, int p, int r, std::vector<int>& along) const {
    // As a whole these are in memory only.
    if (root(p).kind == Root::Kind::kPlace || root(p).kind == Root::Kind::kJoin) return false;
    const Group& group = plan_.groups[plan_.group_of[p]];
    if (read.row >= 0) return group.rows.empty();
    for (std::size_t dim = 0; dim < read.index.size(); ++dim) {
      const std::vector<int> axes = axes_along(p, root(p).result[dim], r, read.index[dim]);
      for (std::size_t t = 0; t < root(p).result[dim].terms.size(); ++t) {
        const int row = plan_.axis[p][root(p).result[dim].terms[t].axis];
        if (!contains(group.rows, row)) continue;
        const int axis = axes[t];
        if (axis < 0 || axis >= root(r).result_axes ||
            root(r).axes[axis].limited != group.axes[row].limited) {
          if (!can_shrink(group)) return false;
          along[row] = kCrossed;
          continue;
        }
        if (along[row] >= 0 && along[row] != axis) return false;
        if (along[row] != kCrossed) along[row] = axis;
      }
    }
    return true;
  }

  // By term of `place` of root p: the axis of root r that counts the same in `read`; -1 if they are
  // not the digits of one number.
  std::vector<int> axes_along(int p, const Affine& place, int r, const Affine& read) const {
    std::vector<int> axes(place.terms.size(), -1);
    if (place.offset != 0 || read.offset != 0 || place.terms.size() != read.terms.size())
      return axes;
    std::vector<int> found;
    for (const Affine::Term& term : place.terms) {
      const auto same = std::ranges::find_if(read.terms, [&](const Affine::Term& other) {
        return other.coefficient == term.coefficient &&
               root(r).axes[other.axis].extent == root(p).axes[term.axis].extent;
      });
      if (same == read.terms.end()) return axes;
      found.push_back(same->axis);
    }
    return found;
  }

  // Whether root r reads what a root of the group reads at the same place, so that one loop reads
  // it for both: the rows are that loop, or all that the group does runs within it.
  bool stand_beside(int r, int g, std::vector<int>& along) const {
    const Group& group = plan_.groups[g];
    if (!is_plain_map(r) && root(r).kind != Root::Kind::kReduce) return false;
    const bool one_loop = std::ranges::all_of(
        group.roots, [&](int p) { return has_plain_loops(p) && same_loops(p, r); });
    for (const int p : group.roots) {
      const bool in_rows = is_plain_map(p) && is_plain_map(r) &&
                           group.rows.size() == root(r).axes.size() && same_loops(p, r);
      if (!(one_loop || in_rows) || !read_the_same(p, r)) continue;
      for (int a = 0; a < static_cast<int>(plan_.axis[p].size()); ++a)
        along[plan_.axis[p][a]] = a < root(r).result_axes ? a : kCrossed;
      return true;
    }
    return false;
  }
  // Of roots with the same loops.
  bool read_the_same(int p, int r) const {
    return std::ranges::any_of(root(r).reads, [&](const Root::Read& read) {
      std::size_t axes = 0;
      for (const Affine& place : read.index) axes += place.terms.size();
      return read.row < 0 && axes == root(r).axes.size() &&
             std::ranges::any_of(
                 root(p).reads,
                 [&](const Root::Read& other) {
                   return other.row < 0 && other.node == read.node && other.index == read.index;
                 });
    });
  }
  bool is_plain_map(int r) const {
    return root(r).kind == Root::Kind::kMap && !root(r).linear && root(r).copy_of < 0 &&
           root(r).axes.size() == static_cast<std::size_t>(root(r).result_axes);
  }

  bool contracts(const Group& group) const {
    for (int r : group.roots)
      if (root(r).kind == Root::Kind::kContract) return true;
    return false;
  }
  // Rows can become inner loops as long as nothing is folded within a row.
  bool can_shrink(const Group& group) const {
    for (int r : group.roots)
      if (root(r).kind != Root::Kind::kMap) return false;
    return true;
  }
  bool has_inner(const Group& group, const std::vector<int>& rows) const {
    for (int r : group.roots)
      if (root(r).kind != Root::Kind::kContract && root(r).axes.size() > rows.size()) return true;
    return false;
  }

  // An axis of the group for an inner loop over `wanted`: one of the same extent serves again, so
  // that stages can share what they compute at the same place.
  static int inner_axis(Group& group, const std::vector<int>& rows, const Axis& wanted,
                        const std::vector<int>& taken) {
    for (std::size_t axis = 0; axis < group.axes.size(); ++axis) {
      const Axis& have = group.axes[axis];
      const int id = static_cast<int>(axis);
      if (is_same_loop(have, wanted) && !contains(rows, id) && !contains(taken, id)) return id;
    }
    group.axes.push_back(wanted);
    return static_cast<int>(group.axes.size()) - 1;
  }

  const Graph& graph_;
  const int present_;
  FusionPlan plan_;
  std::vector<std::vector<int>> before_, after_;
  std::vector<std::vector<int>> old_value_;  // by update: the roots that read what it overwrites
  std::vector<int> height_;
};

// Nodes that are roots only because several others need them, although all of those are in the same
// group and find the value there, in a register.
std::set<int> needless_roots(const FusionPlan& plan) {
  constexpr std::int64_t kUnrolled = ir::kUnrolledVectors * ir::lanes_of(Element::kF32);
  std::set<int> needless;
  for (std::size_t r = 0; r < plan.roots.all.size(); ++r) {
    const Root& root = plan.roots.all[r];
    if (root.reason == Root::Reason::kRequired || !root.outputs.empty() || !root.updates.empty())
      continue;
    bool here = true;
    for (std::size_t axis = 0; axis < root.axes.size(); ++axis)
      if (!contains(plan.groups[plan.group_of[r]].rows, plan.axis[r][axis]))
        here = here && !root.axes[axis].batched && root.axes[axis].extent <= kUnrolled;
    for (std::size_t user = 0; user < plan.roots.all.size(); ++user)
      for (const Root::Read& read : plan.roots.all[user].reads)
        if (read.node == root.node) here = here && plan.group_of[user] == plan.group_of[r];
    if (here) needless.insert(root.node);
  }
  return needless;
}

}  // namespace

FusionPlan fuse(const Graph& graph, int present) {
  FusionPlan plan = Fuser(graph, find_roots(graph, present, {}), present).run();
  const std::set<int> needless = needless_roots(plan);
  if (needless.empty()) return plan;
  return Fuser(graph, find_roots(graph, present, needless), present).run();
}

}  // namespace gradc::passes
