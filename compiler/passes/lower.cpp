#include "passes/lower.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <set>

#include "ir/cost_model.h"
#include "passes/blocks.h"
#include "passes/fuse.h"
#include "passes/layout.h"
#include "passes/multiply_add.h"
#include "passes/thin.h"
#include "passes/unread.h"
#include "support/check.h"

namespace gradc::passes {

using ir::Affine;
using ir::Buffer;
using ir::Kernel;
using ir::Store;
using ir::Value;

namespace {

constexpr std::size_t kMostWords = 5;  // in a kernel's name

class Lowering {
 public:
  Lowering(const Graph& graph, int present)
      : graph_(graph),
        plan_(fuse(graph, present < 0 ? -1 : graph.leaves[static_cast<std::size_t>(present)].node)),
        limited_(present >= 0) {
    program_.present = present;
  }

  ir::Program run() {
    program_.name = graph_.name.str();
    program_.real = graph_.real;
    program_.has_batch = graph_.batch_dim.size > 0;
    program_.max_batch = std::max<std::int64_t>(1, graph_.batch_dim.size);
    for (const Text& file : graph_.files) program_.files.push_back(file.str());
    make_buffers();
    values_.assign(roots().size(), -1);
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) make_kernel(static_cast<int>(g));
    drop_unread(program_);
    limit();
    return std::move(program_);
  }

 private:
  const std::vector<Root>& roots() const { return plan_.roots.all; }

  int add_buffer(Buffer buffer, const MemoryOrder& order = {}) {
    lay_out(buffer, order);
    program_.buffers.push_back(std::move(buffer));
    return static_cast<int>(program_.buffers.size()) - 1;
  }

  void make_buffers() {
    for (std::size_t i = 0; i < graph_.leaves.size(); ++i) {
      const Type& type = graph_[graph_.leaves[i].node].type;
      add_buffer({.name = graph_.leaves[i].name.str(),
                  .storage = Buffer::Storage::kLeaf,
                  .element = type.element,
                  .shape = type.shape,
                  .leaf = static_cast<int>(i)});
    }
    targets_.resize(roots().size());
    const std::vector<std::vector<int>> users = users_of(graph_);
    for (std::size_t r = 0; r < roots().size(); ++r) {
      const Root& root = roots()[r];
      const Type& type = graph_[root.node].type;
      for (int output : root.outputs)
        targets_[r].push_back(add_buffer({.name = graph_.outputs[output].name.str(),
                                          .storage = Buffer::Storage::kOutput,
                                          .element = type.element,
                                          .shape = type.shape}));
      for (int leaf : root.updates) targets_[r].push_back(leaf);  // buffers of leaves come first
      if (targets_[r].empty())
        targets_[r].push_back(add_buffer(
            {.name = std::string(info_of(graph_[root.node].op).name) + std::to_string(root.node),
             .element = is_stored_rounded(graph_, root.node)
                            ? ir::rounded_element(graph_[root.node].op)
                            : type.element,
             .shape = type.shape,
             .lasting = plan_.prepared[r]},
            root.linear ? MemoryOrder{.row = 0} : memory_order(graph_, users, root.node)));
    }
  }

  Affine place_in(int buffer, const Index& index) {
    limited_ = limited_ && keeps_time(buffer, index);
    Affine place;
    for (std::size_t axis = 0; axis < index.size(); ++axis)
      place.add(index[axis], program_.buffers[buffer].strides[axis]);
    return place;
  }

  // Whether the axes of a tensor that are time, and those alone, are met by loops along the time.
  // What was there before the run, or lasts, is there as a whole, whoever asks for it.
  bool keeps_time(int buffer, const Index& index) const {
    const Buffer& b = program_.buffers[buffer];
    if (b.storage == Buffer::Storage::kLeaf || b.lasting) return true;
    for (int axis = 0; axis < b.shape.size(); ++axis) {
      const Affine& place = index[axis];
      bool along = false;
      for (const Affine::Term& term : place.terms)
        along = along || kernel_->axes[term.axis].limited;
      const bool whole =
          place.terms.size() == 1 && place.terms[0].coefficient == 1 && place.offset == 0;
      if (along != (b.shape[axis].time && !place.terms.empty()) || (along && !whole)) return false;
    }
    return true;
  }

  // Limited axes are those of a decoder, if all agree.
  void limit() {
    if (limited_) return;
    for (Kernel& kernel : program_.kernels)
      for (ir::Axis& axis : kernel.axes) axis.limited = false;
  }

  Index in_group(const Index& index, int r) const {
    Index mapped(index.size());
    for (std::size_t i = 0; i < index.size(); ++i) {
      mapped[i].offset = index[i].offset;
      for (const Affine::Term& term : index[i].terms)
        mapped[i].add(plan_.axis[r][term.axis], term.coefficient);
    }
    return mapped;
  }

  std::vector<int> inner_axes(int r, const std::vector<int>& rows) const {
    std::vector<int> inner;
    for (int axis : plan_.axis[r])
      if (std::find(rows.begin(), rows.end(), axis) == rows.end()) inner.push_back(axis);
    return inner;
  }

  // Reading a leaf or a root at a place, from the kernel being made.
  int load(int reader, int node, const Index& index, int row) {
    const int p = plan_.roots.of_node[node];
    if (p >= 0 && p != reader && plan_.group_of[p] == group_ && row < 0 && values_[p] >= 0 &&
        index == in_group(roots()[p].result, p) && at_hand(p, reader))
      return values_[p];
    const int buffer =
        p < 0 ? static_cast<int>(graph_[node].attributes.ints[0]) : targets_[p].front();
    if (p >= 0) new_reads_.insert(buffer);
    return builder_->add({.kind = Value::Kind::kLoad,
                          .element = graph_[node].type.element,
                          .buffer = buffer,
                          .index = place_in(buffer, index),
                          .row = row,
                          .row_stride = row < 0 ? 0 : program_.buffers[buffer].strides[0]});
  }

  // Whether the value of root p can be used by a later root of its group instead of being read
  // back: it belongs to the row, or to the same inner loop and is not what an update overwrites.
  bool at_hand(int p, int reader) const {
    const Root& root = roots()[p];
    // A copy waits until all that read the old value are done. Where everything happens at one
    // place, values are computed before the first is stored; else it reads what was kept for it.
    if (roots()[reader].copy_of >= 0 && loops_ && !joins_last(reader)) return false;
    if (root.kind == Root::Kind::kReduce || root.kind == Root::Kind::kContract) return true;
    if (is_overwritten(p, reader)) return false;
    const auto& rows = plan_.groups[group_].rows;
    const std::vector<int> inner = inner_axes(p, rows);
    if (inner.empty()) return true;
    return root.updates.empty() && root.kind == Root::Kind::kMap &&
           inner == inner_axes(reader, rows);
  }

  // Whether what root p is made of has been stored to since, so that it is another value for a
  // later stage. A reader that joins the last stage is worked out before that stores.
  bool is_overwritten(int p, int reader) const {
    const std::vector<ir::Stage>& stages = kernel_->stages;
    const std::size_t end = joins_last(reader) ? stages.size() - 1 : stages.size();
    std::size_t begin = 0;  // the stage of p
    while (begin < end && !stores_to(stages[begin], targets_[p].front())) ++begin;
    if (begin == end) return false;
    std::vector<int> open{values_[p]};
    std::vector<bool> seen(kernel_->values.size());
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      if (seen[next]) continue;
      seen[next] = true;
      const Value& value = kernel_->values[next];
      open.insert(open.end(), value.operands.begin(), value.operands.end());
      if (value.row >= 0) open.push_back(value.row);
      if (value.kind != Value::Kind::kLoad) continue;
      if (program_.buffers[value.buffer].leaf < 0) continue;
      for (std::size_t s = begin; s < end; ++s)
        if (stores_to(stages[s], value.buffer)) return true;
    }
    return false;
  }

  // Whether the stage of a root will be part of the last one so far: it has the same loop, and
  // needs nothing that is there only when that loop is over.
  bool joins_last(int reader) const {
    const auto& rows = plan_.groups[group_].rows;
    if (kernel_->stages.empty()) return false;
    const ir::Stage& last = kernel_->stages.back();
    if (last.inner != inner_axes(reader, rows)) return false;
    return std::ranges::none_of(roots()[reader].reads, [&](const Root::Read& read) {
      const int p = plan_.roots.of_node[read.node];
      if (p < 0 || plan_.group_of[p] != group_) return false;
      const bool is_sum_of_loop = std::ranges::any_of(
          last.reductions,
          [&](const ir::Reduction& reduction) { return reduction.result == values_[p]; });
      return is_sum_of_loop || (!roots()[p].updates.empty() && !last.inner.empty());
    });
  }

  static bool stores_to(const ir::Stage& stage, int buffer) {
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const Store& store : *stores)
        if (store.buffer == buffer) return true;
    return false;
  }

  void make_kernel(int g) {
    const Group& group = plan_.groups[g];
    group_ = g;
    loops_ = false;
    Kernel kernel;
    kernel_ = &kernel;
    kernel.axes = group.axes;
    kernel.rows = group.rows;
    kernel.first = plan_.first[static_cast<std::size_t>(group.roots.front())];
    kernel.source = graph_[roots()[group.roots.back()].node].location;
    int reader = -1;
    ExpressionBuilder builder(
        graph_, kernel.axes, kernel.values,
        [&](int node) { return plan_.roots.materialised(graph_, node); },
        [&](int node, const Index& index, int row) { return load(reader, node, index, row); });
    builder_ = &builder;
    for (int r : group.roots) {
      reader = r;
      new_reads_.clear();
      add_root(kernel, r);
    }
    builder_ = nullptr;
    kernel_ = nullptr;
    if (!kernel.contracts) {
      kernel.lanes = choose_lanes(kernel);
      for (ir::Stage& stage : kernel.stages) put_last(stage.inner, kernel.lanes);
      put_last(kernel.rows, kernel.lanes);
    }
    kernel.name = name_of(kernel);
    program_.kernels.push_back(std::move(kernel));
  }

  // The axis in the lanes is the innermost loop.
  static void put_last(std::vector<int>& axes, int lanes) {
    const auto at = std::find(axes.begin(), axes.end(), lanes);
    if (at != axes.end()) std::rotate(at, at + 1, axes.end());
  }

  void add_root(Kernel& kernel, int r) {
    const Root& root = roots()[r];
    const Node& node = graph_[root.node];
    const Index result = in_group(root.result, r);
    ir::Stage stage;
    stage.inner = inner_axes(r, kernel.rows);
    const auto operand = [&](int i) {
      const int value = builder_->build(node.operands[i], in_group(root.operands[i], r));
      CHECK(value >= 0, "a root that was analysed can be built");
      return value;
    };
    switch (root.kind) {
      case Root::Kind::kMap:
        values_[r] = root.linear ? operand(0)
                     : root.copy_of >= 0 || node.op == op_of<LeafOp>
                         ? builder_->build(root.node, result)
                         : builder_->build_body(root.node, result);
        CHECK(values_[r] >= 0, "a root that was analysed can be built");
        stage.stores = stores_of(r, values_[r], result);
        break;
      case Root::Kind::kPlace: {
        values_[r] = builder_->build(node.operands[1], result);
        const int place = builder_->build(root.placed.place, {});
        CHECK(values_[r] >= 0 && place >= 0, "a root that was analysed can be built");
        stage.stores = stores_of(r, values_[r], result);
        for (Store& store : stage.stores) {
          store.row = place;
          store.row_stride = program_.buffers[store.buffer].strides[root.placed.axis];
        }
        break;
      }
      case Root::Kind::kFirst:
        values_[r] = builder_->build(node.operands[1], result);
        CHECK(values_[r] >= 0, "a root that was analysed can be built");
        stage.stores = stores_of(r, values_[r], result);
        break;
      case Root::Kind::kJoin:
        return add_parts(kernel, r);
      case Root::Kind::kReduce: {
        const int value = operand(0);
        // Distinct for each reduction: index names the node.
        values_[r] = builder_->add(
            {.kind = Value::Kind::kReduced, .element = node.type.element, .stream = root.node});
        stage.reductions.push_back({node.op == op_of<Max>, value, values_[r]});
        stage.row_stores = stores_of(r, values_[r], result);
        break;
      }
      case Root::Kind::kContract:
        stage.inner.clear();  // the contracted axes are summed before the stage
        add_contraction(kernel, r, result);
        stage.stores = stores_of(r, values_[r], result);
        break;
      case Root::Kind::kPad:
        add_zeros(kernel, r, result);
        stage.stores = stores_of(r, operand(0), result);
        break;
      case Root::Kind::kScatter: {
        kernel.sequential = true;
        add_zeros(kernel, r, result);
        const int value = operand(0), row = operand(1);
        stage.stores = stores_of(r, value, result);
        for (Store& store : stage.stores) {
          store.row = row;
          store.row_stride = program_.buffers[store.buffer].strides[0];
          store.accumulate = true;
        }
        break;
      }
    }
    add_stage(kernel, std::move(stage));
  }

  // A stage for each part, which stores it where it belongs.
  void add_parts(Kernel& kernel, int r) {
    const Root& root = roots()[r];
    for (std::size_t i = 0; i < root.operands.size(); ++i) {
      Index place = in_group(root.operands[i], r);
      const int value = builder_->build(root.join.parts[i].node, place);
      CHECK(value >= 0, "a root that was analysed can be built");
      ir::Stage stage;
      for (const Affine& at : place)
        for (const Affine::Term& term : at.terms)
          if (std::find(kernel.rows.begin(), kernel.rows.end(), term.axis) == kernel.rows.end())
            stage.inner.push_back(term.axis);
      std::sort(stage.inner.begin(), stage.inner.end());
      place[static_cast<std::size_t>(root.join.axis)].offset += root.join.parts[i].offset;
      stage.stores = stores_of(r, value, place);
      add_stage(kernel, std::move(stage));
    }
  }

  std::vector<Store> stores_of(int r, int value, const Index& result) {
    std::vector<Store> stores;
    for (int target : targets_[r])
      stores.push_back({.value = value, .buffer = target, .index = place_in(target, result)});
    return stores;
  }

  // A stage of its own that sets all of a root's result to zero. It runs along the same axes as
  // what comes after, where the two agree.
  void add_zeros(Kernel& kernel, int r, const Index& result) {
    ir::Stage zeros;
    Index all;
    const Shape& shape = graph_[roots()[r].node].type.shape;
    for (int dim = 0; dim < shape.size(); ++dim) {
      std::vector<ir::Axis> fresh;
      Affine place = make_axes({shape[dim]}, fresh)[0];
      if (!fresh.empty()) {
        const auto& terms = result[dim].terms;
        const bool same = terms.size() == 1 && result[dim].offset == 0 &&
                          terms[0].coefficient == 1 &&
                          kernel.axes[terms[0].axis].extent == shape[dim].size;
        const int axis = same ? terms[0].axis : static_cast<int>(kernel.axes.size());
        if (!same) kernel.axes.push_back(fresh[0]);
        place.terms[0].axis = axis;
        zeros.inner.push_back(axis);
      }
      all.push_back(std::move(place));
    }
    const int zero = builder_->add({.element = graph_.real});
    zeros.stores = stores_of(r, zero, all);
    add_stage(kernel, std::move(zeros));
  }

  // Two stages over the same inner loop are one, unless the second needs what the first has made
  // only when its loop is over.
  void add_stage(Kernel& kernel, ir::Stage stage) {
    loops_ = loops_ || !stage.inner.empty();
    if (!kernel.stages.empty()) {
      ir::Stage& last = kernel.stages.back();
      if (last.inner == stage.inner && !needs(kernel, stage, last)) {
        const auto append = [](auto& to, const auto& from) {
          to.insert(to.end(), from.begin(), from.end());
        };
        append(last.reductions, stage.reductions);
        append(last.stores, stage.stores);
        append(last.row_stores, stage.row_stores);
        return;
      }
    }
    kernel.stages.push_back(std::move(stage));
  }

  bool needs(const Kernel& kernel, const ir::Stage& stage, const ir::Stage& last) const {
    std::vector<bool> used(kernel.values.size(), false);
    const auto use = [&](const std::vector<Store>& stores) {
      for (const Store& store : stores) {
        used[store.value] = true;
        if (store.row >= 0) used[store.row] = true;
      }
    };
    use(stage.stores);
    use(stage.row_stores);
    for (const ir::Reduction& reduction : stage.reductions) used[reduction.value] = true;
    for (int v = static_cast<int>(kernel.values.size()) - 1; v >= 0; --v) {
      if (!used[v]) continue;
      const Value& value = kernel.values[v];
      for (int operand : value.operands) used[operand] = true;
      if (value.row >= 0) used[value.row] = true;
      for (const ir::Reduction& reduction : last.reductions)
        if (reduction.result == v) return true;
      if (value.kind != Value::Kind::kLoad) continue;
      for (const auto* stores : {&last.stores, &last.row_stores})
        for (const Store& store : *stores) {
          // At one place the old value of a leaf is read before the new one is stored.
          const bool old = program_.buffers[store.buffer].leaf >= 0 &&
                           !new_reads_.contains(store.buffer) && store.index == value.index &&
                           value.row < 0;
          if (store.buffer == value.buffer && !old) return true;
        }
    }
    for (const Store& store : stage.stores)  // zeros before a scatter
      for (const Store& before : last.stores)
        if (store.buffer == before.buffer) return true;
    return false;
  }
  void add_contraction(Kernel& kernel, int r, const Index& result) {
    const Root& root = roots()[r];
    const Node& node = graph_[root.node];
    const ContractAxes axes = ContractAxes::decode(node.attributes);
    const int left_rank = graph_[node.operands[0]].type.rank();
    ir::Contraction contraction;
    const auto collect = [&](std::vector<int>& to, int from, int count) {
      for (int i = from; i < from + count; ++i)
        for (const Affine::Term& term : result[i].terms) to.push_back(term.axis);
    };
    const int batch = axes.left_batch.size(), left = axes.left_free(left_rank).size();
    collect(contraction.batch, 0, batch);
    collect(contraction.m, batch, left);
    collect(contraction.n, batch + left, static_cast<int>(result.size()) - batch - left);
    for (std::size_t axis = root.result_axes; axis < root.axes.size(); ++axis)
      contraction.k.push_back(plan_.axis[r][axis]);
    CHECK(!contraction.n.empty(), "a contraction without a right axis is a reduction");
    kernel.lanes = contraction.n.back();

    const auto source = [&](int i, int& buffer) {
      const auto read = builder_->source_of(node.operands[i], in_group(root.operands[i], r));
      CHECK(read.has_value(), "a contraction's operand lies in memory");
      const int p = plan_.roots.of_node[read->first];
      buffer =
          p < 0 ? static_cast<int>(graph_[read->first].attributes.ints[0]) : targets_[p].front();
      return place_in(buffer, read->second);
    };
    contraction.left = source(0, contraction.left_buffer);
    contraction.right = source(1, contraction.right_buffer);
    const ir::Contraction& c = contraction;
    if (c.right.coefficient(kernel.lanes) != 1)
      pack(kernel, {&c.batch, &c.k, &c.n}, r, contraction.right_buffer, contraction.right);
    if (in_pairs(c) && c.left.coefficient(c.k.back()) != 1)
      pack(kernel, {&c.batch, &c.m, &c.k}, r, contraction.left_buffer, contraction.left);
    contraction.result = values_[r] =
        builder_->add({.kind = Value::Kind::kAccumulator, .element = node.type.element});
    kernel.contracts = true;
    kernel.contraction = std::move(contraction);
  }

  // Whether a contraction multiplies pairs along k, which lie side by side in the left operand.
  bool in_pairs(const ir::Contraction& c) const {
    return program_.buffers[c.left_buffer].element == Element::kBf16 &&
           program_.buffers[c.right_buffer].element == Element::kBf16;
  }

  // Copies an operand, [batch, k, n] or [batch, m, k], so that the last of the axes in `lists` is
  // contiguous, before the contraction; in a decoder once, if it never changes.
  void pack(const Kernel& kernel, std::initializer_list<const std::vector<int>*> lists, int r,
            int& operand, Affine& index) {
    const Buffer& source = program_.buffers[operand];
    const bool parameter = source.leaf >= 0 && graph_.leaves[source.leaf].role == Role::kParameter;
    const bool prepared = program_.present >= 0 && (source.lasting || parameter);
    Kernel copy{.name = "transpose", .source = kernel.source, .first = kernel.first || prepared};
    Buffer packed{.name = "packed" + std::to_string(roots()[r].node),
                  .element = source.element,
                  .lasting = prepared};
    Affine from, to;
    from.offset = index.offset;
    std::vector<int> order;  // axes of the contraction that the operand depends on
    for (const auto* list : lists)
      for (int axis : *list)
        if (index.coefficient(axis) != 0) order.push_back(axis);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const ir::Axis& axis = kernel.axes[order[i]];
      from.add(static_cast<int>(i), index.coefficient(order[i]));
      copy.axes.push_back(axis);
      copy.axes.back().limited = axis.limited && !prepared;
      copy.rows.push_back(static_cast<int>(i));
      Dim dim(axis.extent);
      dim.batched = axis.batched;
      packed.shape.push_back(dim);
    }
    int row = 0;  // axes of the last list, which go together
    for (const int axis : **std::prev(lists.end())) row += index.coefficient(axis) != 0 ? 1 : 0;
    const int buffer = add_buffer(std::move(packed), {.row = row});
    Affine place;
    for (std::size_t i = 0; i < order.size(); ++i) {
      to.add(static_cast<int>(i), program_.buffers[buffer].strides[i]);
      place.add(order[i], program_.buffers[buffer].strides[i]);
    }
    copy.values.push_back(
        {.kind = Value::Kind::kLoad, .element = graph_.real, .buffer = operand, .index = from});
    copy.stages.push_back({.stores = {{.value = 0, .buffer = buffer, .index = to}}});
    copy.lanes = copy.rows.empty() ? -1 : copy.rows.back();
    program_.kernels.push_back(std::move(copy));
    operand = buffer;
    index = place;
  }

  // What a kernel does, in a few words: its sums, its functions, the parameters it updates.
  std::string name_of(const Kernel& kernel) const {
    std::vector<std::string> words;
    const auto mention = [&](const std::string& word) {
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    };
    if (kernel.contracts) mention("contract");
    for (const Value& value : kernel.values)
      if (value.kind == Value::Kind::kLoad && value.row >= 0) mention("gather");
    if (kernel.sequential) mention("scatter");
    for (const ir::Stage& stage : kernel.stages)
      for (const ir::Reduction& reduction : stage.reductions)
        mention(reduction.maximum ? "max" : "sum");
    std::string last = "copy";
    for (const Value& value : kernel.values) {
      if (value.kind != Value::Kind::kApply) continue;
      last = info_of(value.op).name;
      if (ir::is_transcendental(value.op)) mention(last);
    }
    for (const ir::Stage& stage : kernel.stages)
      for (const auto* stores : {&stage.stores, &stage.row_stores})
        for (const Store& store : *stores)
          if (program_.buffers[store.buffer].leaf >= 0)
            mention("update " + program_.buffers[store.buffer].name);
    if (words.empty()) words.push_back(last);
    std::string name = kernel.first ? "first " : "";
    for (std::size_t i = 0; i < words.size() && i < kMostWords; ++i)
      name += (i == 0 ? "" : " + ") + words[i];
    return words.size() > kMostWords ? name + " + ..." : name;
  }

  const Graph& graph_;
  const FusionPlan plan_;
  ir::Program program_;
  std::vector<std::vector<int>> targets_;  // by root: the buffers its value is stored in
  std::vector<int> values_;                // by root: its value in the kernel being made
  int group_ = -1;
  bool loops_ = false;              // whether a stage of the kernel being made loops within a row
  std::set<int> new_reads_;         // buffers in which the root being added reads other roots
  const Kernel* kernel_ = nullptr;  // the one being made
  ExpressionBuilder* builder_ = nullptr;
  bool limited_;  // a decoder, all of whose kernels can stop at the present position
};

// Only a decoder knows how far the time goes.
Graph without_time(Graph graph) {
  for (Node& node : graph.nodes)
    for (Dim& dim : node.type.shape) dim.time = false;
  return graph;
}

}  // namespace

Graph for_kernels(const Graph& graph) {
  return fuse_multiply_adds(sum_in_blocks(expand_thin_contractions(graph)));
}

ir::Program lower(const Graph& graph, int present) {
  return present < 0 ? Lowering(without_time(graph), present).run()
                     : Lowering(graph, present).run();
}

}  // namespace gradc::passes
