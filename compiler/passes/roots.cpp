#include "passes/roots.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <map>
#include <set>

#include "ir/cost_model.h"
#include "passes/blocks.h"
#include "passes/chosen.h"
#include "support/check.h"

namespace gradc::passes {

using ir::Affine;

Root::Kind kind_of_root(Op op) {
  if (op == op_of<Contract>) return Root::Kind::kContract;
  if (op == op_of<Scatter>) return Root::Kind::kScatter;
  if (op == op_of<Pad>) return Root::Kind::kPad;
  if (info_of(op).kind == Kind::kReduce) return Root::Kind::kReduce;
  return Root::Kind::kMap;
}

bool is_stored_rounded(const Graph& graph, int node) {
  return graph.real == Element::kF32 && graph[node].type.rank() > 0 &&
         ir::rounded_element(graph[node].op) != Element::kF32;
}

namespace {

class Finder {
 public:
  Finder(const Graph& graph, int present, const std::set<int>& inlined)
      : graph_(graph),
        present_(present),
        joins_(find_joins(graph)),
        choice_(choose_roots(graph, joins_, inlined)),
        chosen_(choice_.nodes),
        in_blocks_(extents_in_blocks(graph)) {}

  Roots find() {
    for (;;) {  // an expression that cannot be read in place makes a further root, and again
      Roots roots;
      if (describe(roots)) return roots;
    }
  }

 private:
  bool is_leaf(int node) const { return graph_[node].op == op_of<LeafOp>; }
  void choose(int node) {
    if (!is_leaf(node)) chosen_[node] = true;
  }
  bool describe(Roots& roots) {
    roots.of_node.assign(graph_.nodes.size(), -1);
    for (std::size_t id = 0; id < graph_.nodes.size(); ++id)
      if (chosen_[id]) roots.of_node[id] = 0;
    for (std::size_t id = 0; id < graph_.nodes.size(); ++id) {
      if (!chosen_[id]) continue;
      Root root = shape_of(static_cast<int>(id));
      if (!analyse(root, roots)) return false;
      roots.of_node[id] = static_cast<int>(roots.all.size());
      roots.all.push_back(std::move(root));
    }
    // A leaf that is also an output, or the new value of another leaf, is copied.
    const auto holder = [&](int node) -> Root& {
      if (!is_leaf(node)) return roots.all[roots.of_node[node]];
      roots.all.push_back(shape_of(node));
      analyse(roots.all.back(), roots);
      return roots.all.back();
    };
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i)
      holder(graph_.outputs[i].node).outputs.push_back(static_cast<int>(i));
    for (const Update& update : graph_.updates)
      holder(update.node)
          .updates.push_back(static_cast<int>(graph_[update.leaf].attributes.ints[0]));
    return true;
  }

  // Rows are the axes before the one along which the parts lie; each part has loops of its own
  // within a row.
  void make_parts(const Join& join, Root& root) const {
    const Shape& shape = graph_[root.node].type.shape;
    Shape before;
    for (int axis = 0; axis < join.axis; ++axis) before.push_back(shape[axis]);
    const Index row = make_axes(before, root.axes);
    root.result_axes = static_cast<int>(root.axes.size());
    root.join = join;
    for (const Join::Part& part : join.parts) {
      Shape rest;
      for (int axis = join.axis; axis < shape.size(); ++axis)
        rest.push_back(graph_[part.node].type.shape[axis]);
      Index place = row;
      for (ir::Affine& inner : make_axes(rest, root.axes)) place.push_back(std::move(inner));
      root.operands.push_back(std::move(place));
    }
  }

  // The loops of a root, before views ask for more of them.
  Root shape_of(int id) const {
    const Node& node = graph_[id];
    Root root{.node = id, .kind = kind_of_root(node.op)};
    if (const auto why = choice_.optional.find(id); why != choice_.optional.end())
      root.reason = why->second;
    if (const auto placed = placed_update(graph_, id)) {
      root.kind = Root::Kind::kPlace;
      root.placed = *placed;
      Shape row = node.type.shape;
      row[placed->axis] = Dim(1);
      root.result = make_axes(row, root.axes);
      root.result_axes = static_cast<int>(root.axes.size());
      return root;
    }
    if (const auto join = joins_.at.find(id); join != joins_.at.end()) {
      root.kind = Root::Kind::kJoin;
      make_parts(join->second, root);
      return root;
    }
    if (root.kind == Root::Kind::kScatter || root.kind == Root::Kind::kPad) {
      const Shape& shape = graph_[node.operands[0]].type.shape;
      root.operands.push_back(make_axes(shape, root.axes));
      const Index place = root.operands[0];
      if (root.kind == Root::Kind::kPad) {
        root.result = place;
        for (int axis = 0; axis < shape.size(); ++axis)
          root.result[axis].offset += node.attributes.ints[axis];
      } else {
        const int depth = graph_[node.operands[1]].type.rank();
        root.operands.emplace_back(place.begin(), place.begin() + depth);
        root.result.push_back({});
        root.result.insert(root.result.end(), place.begin() + depth, place.end());
      }
      root.result_axes = static_cast<int>(root.axes.size());
      return root;
    }
    if (linear_.contains(id)) {
      const Shape& shape = graph_[node.operands[0]].type.shape;
      root.linear = true;
      root.operands.push_back(make_axes(shape, root.axes));
      root.result_axes = static_cast<int>(root.axes.size());
      root.result.resize(node.type.rank());
      const std::vector<std::int64_t> strides = dense_strides(shape);
      for (int axis = 0; axis < shape.size(); ++axis)
        root.result.back().add(root.operands[0][axis], strides[axis]);
      return root;
    }
    if (present_ >= 0 && first_update(graph_, id, present_)) root.kind = Root::Kind::kFirst;
    root.result = make_axes(node.type.shape, root.axes);
    root.result_axes = static_cast<int>(root.axes.size());
    if (root.kind == Root::Kind::kMap && node.type.rank() == 1)
      if (const auto block = block_of(node.type.shape[0]);
          block > 0 && in_blocks_.contains(node.type.shape[0].size))
        split_axis(root, {.axis = 0, .inner = block});
    if (root.kind == Root::Kind::kReduce) {
      const Shape& shape = graph_[node.operands[0]].type.shape;
      Index place;
      for (int axis = 0, next = 0, kept = 0; axis < shape.size(); ++axis) {
        const auto& folded = node.attributes.ints;
        if (next < folded.size() && folded[next] == axis) {
          ++next;
          const Index one = make_axes({shape[axis]}, root.axes);
          place.push_back(one[0]);
        } else {
          place.push_back(root.result[kept++]);
        }
      }
      root.operands.push_back(std::move(place));
    } else if (root.kind == Root::Kind::kContract) {
      const ContractAxes axes = ContractAxes::decode(node.attributes);
      const Shape &left = graph_[node.operands[0]].type.shape,
                  &right = graph_[node.operands[1]].type.shape;
      Index a(left.size()), b(right.size());
      int next = 0;
      for (int i = 0; i < axes.left_batch.size(); ++i, ++next) {
        a[axes.left_batch[i]] = root.result[next];
        b[axes.right_batch[i]] = root.result[next];
      }
      for (int axis : axes.left_free(left.size())) a[axis] = root.result[next++];
      for (int axis : axes.right_free(right.size())) b[axis] = root.result[next++];
      for (int i = 0; i < axes.left_over.size(); ++i) {
        const Index one = make_axes({left[axes.left_over[i]]}, root.axes);
        a[axes.left_over[i]] = one[0];
        b[axes.right_over[i]] = one[0];
      }
      root.operands = {std::move(a), std::move(b)};
    }
    return root;
  }

  // Collects what a root reads, splitting its loops until every index is affine. False if a further
  // node had to be chosen.
  bool analyse(Root& root, const Roots& roots) {
    for (;;) {
      root.reads.clear();
      std::vector<ir::Value> values;
      ExpressionBuilder builder(
          graph_, root.axes, values, [&](int node) { return roots.materialised(graph_, node); },
          [&](int node, const Index& index, int row) {
            root.reads.push_back({node, index, row});
            // stands for the value that is read; distinct for each read
            return builder_add_read(values, root.reads.size());
          });
      bool built = true;
      int stuck = -1;
      const auto require = [&](int node, const Index& index) {
        if (built && builder.build(node, index) < 0) {
          built = false;
          stuck = node;
        }
      };
      const Node& node = graph_[root.node];
      switch (root.kind) {
        case Root::Kind::kMap:
          if (root.linear)
            require(node.operands[0], root.operands[0]);
          else
            built = builder.build_body(root.node, root.result) >= 0;
          break;
        case Root::Kind::kPlace:
          require(node.operands[1], root.result);
          require(root.placed.place, {});
          break;
        case Root::Kind::kFirst:
          require(node.operands[1], root.result);
          break;
        case Root::Kind::kJoin:
          for (std::size_t i = 0; i < root.operands.size(); ++i)
            require(root.join.parts[i].node, root.operands[i]);
          break;
        case Root::Kind::kReduce:
        case Root::Kind::kPad:
          require(node.operands[0], root.operands[0]);
          break;
        case Root::Kind::kScatter:
          require(node.operands[0], root.operands[0]);
          require(node.operands[1], root.operands[1]);
          break;
        case Root::Kind::kContract:
          for (int i = 0; i < 2 && built; ++i) {
            const auto source = builder.source_of(node.operands[i], root.operands[i]);
            built = source.has_value();
            if (built)
              root.reads.push_back({source->first, source->second, -1});
            else
              stuck = node.operands[i];
          }
          break;
      }
      if (built) {
        for (const ir::Value& value : values)
          if (value.kind == ir::Value::Kind::kRandom ||
              (value.kind == ir::Value::Kind::kApply && ir::is_transcendental(value.op)))
            root.transcendental = true;
        return true;
      }
      if (builder.split()) {
        split_axis(root, *builder.split());
        continue;
      }
      // A reshape that no split of loops makes affine goes to memory, and so does what a
      // contraction cannot read in place for another reason.
      CHECK(builder.stuck() >= 0 || stuck >= 0, "an expression that cannot be read in place");
      if (builder.stuck() >= 0) {
        chosen_[builder.stuck()] = true;
        linear_.insert(builder.stuck());
      } else {
        choose(stuck);
      }
      return false;
    }
  }

  static int builder_add_read(std::vector<ir::Value>& values, std::size_t count) {
    values.push_back(
        {.kind = ir::Value::Kind::kConstant, .number = 0, .buffer = static_cast<int>(count)});
    return static_cast<int>(values.size()) - 1;
  }

  // Loop `axis` of n iterations becomes n / inner outer ones and `inner` inner ones.
  static void split_axis(Root& root, const AxisSplit& split) {
    const int at = split.axis;
    ir::Axis inner = root.axes[at];
    CHECK(inner.extent % split.inner == 0, "an axis is split evenly");
    root.axes[at].extent /= split.inner;
    inner.extent = split.inner;
    inner.batched = inner.limited = root.axes[at].limited = false;
    root.axes.insert(root.axes.begin() + at + 1, inner);
    if (at < root.result_axes) ++root.result_axes;
    const auto rename = [&](Index& index) {
      for (Affine& place : index) {
        Affine renamed;
        renamed.offset = place.offset;
        for (const Affine::Term& term : place.terms) {
          if (term.axis < at) renamed.add(term.axis, term.coefficient);
          if (term.axis > at) renamed.add(term.axis + 1, term.coefficient);
          if (term.axis == at) {
            renamed.add(at, term.coefficient * split.inner);
            renamed.add(at + 1, term.coefficient);
          }
        }
        place = std::move(renamed);
      }
    };
    rename(root.result);
    for (Index& index : root.operands) rename(index);
  }

  const Graph& graph_;
  const int present_;
  const Joins joins_;
  Choice choice_;
  std::vector<bool>& chosen_;
  // Maps over so many places go through them as the sums in blocks do.
  const std::set<std::int64_t> in_blocks_;
  std::set<int> linear_;
};

}  // namespace

Roots find_roots(const Graph& graph, int present, const std::set<int>& inlined) {
  return Finder(graph, present, inlined).find();
}

}  // namespace gradc::passes
