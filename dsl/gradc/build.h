// The members of Graph that declare and append nodes, once the op table is known.
#pragma once

#include <gradc/ops.h>

namespace gradc {

constexpr Tensor Graph::append(Op op, const Operands& operands, const Attributes& attributes,
                               Type wanted, Location location) {
  if (pinned_) location = here_;
  Types types;
  bool poisoned = false;
  for (int operand : operands) {
    types.push_back(nodes[operand].type);
    poisoned = poisoned || nodes[operand].type.poisoned();
  }
  Node node{op, wanted, operands, attributes, location};
  if (poisoned) {
    node.type = {Element::kPoison, {}};
  } else {
    Inferred inferred = infer_type(node, types);
    node.type = inferred.type;
    if (!inferred.error.empty()) {
      std::vector<Note> notes;
      const char* const which[] = {"left operand is ", "right operand is ", "third operand is "};
      for (int i = 0; i < operands.size(); ++i)
        notes.push_back(
            {(operands.size() == 1 ? "operand is " : which[i]) + to_text(types[i].shape),
             nodes[operands[i]].location});
      report(std::move(inferred.error), location, std::move(notes));
    }
  }
  nodes.push_back(node);
  return {this, static_cast<int>(nodes.size()) - 1};
}

constexpr Tensor Graph::leaf(Role role, std::string_view leaf_name, const Type& type,
                             Initializer initializer, Where where) {
  const Location location = locate(where);
  const int same = find_leaf(leaf_name);
  if (same >= 0) {
    report("two tensors are called \"" + Text(leaf_name) + "\"", location,
           {{"the first is declared here as " + Text(name_of(leaves[same].role)),
             nodes[leaves[same].node].location}});
  }
  check_name(leaf_name, location);
  Attributes attributes;
  attributes.ints.push_back(static_cast<std::int64_t>(leaves.size()));
  const Tensor tensor = append(op_of<LeafOp>, {}, attributes, type, location);
  leaves.push_back({role, leaf_name, tensor.node, initializer});
  index_last_leaf();
  return tensor;
}

constexpr Dim Graph::batch(Dim largest, Where where) {
  if (batch_dim.size != 0) report("a model has one batch", locate(where));
  if (largest.time) report("the time cannot be the batch", locate(where));
  if (largest.size < 1) {
    report("a batch is at least 1, not " + to_text(largest.size), locate(where));
    largest.size = 1;
  }
  if (largest.name[0] == '\0') largest.name = "batch";
  largest.batched = true;
  largest.time = false;
  batch_dim = largest;
  return largest;
}

constexpr Dim Graph::time(Dim length, Where where) {
  if (time_dim.size != 0) report("a model has one time", locate(where));
  if (length.batched) report("the batch cannot be the time", locate(where));
  if (length.size < 1) {
    report("a time is at least 1, not " + to_text(length.size), locate(where));
    length.size = 1;
  }
  if (length.name[0] == '\0') length.name = "time";
  length.batched = false;
  length.time = true;
  time_dim = length;
  return length;
}

constexpr Tensor Graph::input(std::string_view leaf_name, const Shape& shape, Where where) {
  return leaf(Role::kInput, leaf_name, {real, shape}, {}, where);
}

constexpr Tensor Graph::parameter(std::string_view leaf_name, const Shape& shape,
                                  Initializer initializer, Where where) {
  return leaf(Role::kParameter, leaf_name, {real, shape}, initializer, where);
}

constexpr Tensor Graph::state(std::string_view leaf_name, const Shape& shape,
                              Initializer initializer, Where where) {
  return leaf(Role::kState, leaf_name, {real, shape}, initializer, where);
}

constexpr Tensor Scope::parameter(std::string_view name, const Shape& shape,
                                  Initializer initializer, Where where) const {
  return graph_->parameter(qualified(name), shape, initializer, where);
}
constexpr Tensor Scope::state(std::string_view name, const Shape& shape, Initializer initializer,
                              Where where) const {
  return graph_->state(qualified(name), shape, initializer, where);
}

constexpr Tensor Graph::tokens(std::string_view leaf_name, const Shape& shape, Dim classes,
                               Where where) {
  if (classes.size < 1)
    report("tokens have at least 1 class, not " + to_text(classes.size), locate(where));
  const Tensor tensor = leaf(Role::kInput, leaf_name, {Element::kI32, shape}, {}, where);
  leaves.back().classes = classes.size;
  if (classes.option) leaves.back().classes_option = classes.name;
  return tensor;
}

// Asking twice for a setting gives the same one.
constexpr Tensor Graph::setting(std::string_view leaf_name, double value, Where where) {
  const int known = find_leaf(leaf_name);
  if (known >= 0 && leaves[known].role == Role::kSetting) return {this, leaves[known].node};
  return leaf(Role::kSetting, leaf_name, {real, {}}, gradc::constant(value), where);
}

constexpr Tensor Graph::total_steps(Where where) {
  return setting("steps", static_cast<double>(steps), where);
}

constexpr Tensor Graph::constant(double value, Where where) {
  Attributes attributes;
  attributes.value = value;
  return append(op_of<Constant>, {}, attributes, {real, {}}, locate(where));
}

constexpr Tensor Graph::iota(const Shape& shape, int axis, Where where) {
  if (axis < 0) axis += shape.size();
  Attributes attributes;
  attributes.ints.push_back(axis);
  return append(op_of<Iota>, {}, attributes, {Element::kI32, shape}, locate(where));
}

constexpr Tensor Graph::random(const Shape& shape, Where where) {
  std::int64_t stream = 0;
  for (const Node& node : nodes) stream += node.op == op_of<Random>;
  Attributes attributes;
  attributes.ints.push_back(stream);
  const Tensor seed = setting("seed", 0, where), count = step(where);
  return append(op_of<Random>, {seed.node, count.node}, attributes, {real, shape}, locate(where));
}

constexpr Tensor Graph::extent(Dim dim, Where where) {
  if (!dim.batched) return constant(static_cast<double>(dim.size), where);
  const Tensor batch = append(op_of<Extent>, {}, {}, {real, {}}, locate(where));
  const std::int64_t times = dim.size / batch_dim.size;
  return times == 1 ? batch : Operand(batch, where) * Operand(static_cast<double>(times), where);
}

constexpr Tensor Graph::step(Where where) {
  const int known = find_leaf("step");
  if (known >= 0) return {this, leaves[known].node};
  const Tensor count = state("step", {}, zeros(), where);
  update(count, Operand(Operand(count, where) + Operand(1, where), where));
  return count;
}

constexpr void Graph::output(std::string_view output_name, Operand value) {
  const Location location = locate(value.where);
  for (const Output& other : outputs)
    if (other.name == output_name)
      report("two outputs are called \"" + Text(output_name) + "\"", location,
             {{"the first is declared here", other.location}});
  check_name(output_name, location);
  outputs.push_back({output_name, detail::materialize(*this, value).node, location});
}

constexpr void Graph::config(std::string_view key, Dim value, Where where) {
  const Location location = locate(where);
  for (const ConfigFact& other : config_facts)
    if (other.key == key)
      report("two numbers of config.json are called \"" + Text(key) + "\"", location,
             {{"the first is declared here", other.location}});
  check_name(key, location);
  if (value.batched)
    report("a number of config.json is the same for every batch", location);
  else if (value.size < 1)
    report("a number of config.json is at least 1, not " + to_text(value.size), location);
  config_facts.push_back({key, value.size, value.option ? value.name : "", location});
}

constexpr void Graph::update(Tensor target, Operand value) {
  const Location location = locate(value.where);
  const Tensor next = detail::materialize(*this, value);
  if (target.type().poisoned() || next.type().poisoned()) return;
  const Leaf* leaf = leaf_of(target.node);
  if (leaf == nullptr || (leaf->role != Role::kParameter && leaf->role != Role::kState)) {
    report("only a parameter or a state can be updated", location,
           {{"this is neither", nodes[target.node].location}});
    return;
  }
  if (!same_shape(target.shape(), next.shape())) {
    report("an update keeps the shape: \"" + leaf->name + "\" is " + to_text(target.shape()) +
               ", its update " + to_text(next.shape()),
           location, {{"\"" + leaf->name + "\" is declared here", nodes[target.node].location}});
    return;
  }
  const Update* const last = updates.data() + updates.size();
  for (const Update* other = updates.data(); other != last; ++other)
    if (other->leaf == target.node)
      report("\"" + leaf->name + "\" is updated twice", location,
             {{"the first update is here", other->location}});
  updates.push_back({target.node, next.node, location});
}

constexpr void Graph::objective(Operand value) {
  const Location location = locate(value.where);
  const Tensor scalar = detail::materialize(*this, value);
  if (scalar.type().poisoned()) return;
  if (scalar.rank() != 0) {
    report("a loss is a scalar, found " + to_text(scalar.shape()), location,
           {{"the loss is computed here", nodes[scalar.node].location}});
    return;
  }
  if (loss >= 0) {
    report("a model minimizes one loss", location);
    return;
  }
  loss = scalar.node;
}

template <class Optimizer>
constexpr void Graph::minimize(Operand value, const Optimizer& optimizer) {
  const int before = loss;
  objective(value);
  if (loss == before) return;
  const At at(*this, value.where);
  const std::vector<Tensor> all = parameters();
  std::vector<Tensor> gradients;
  for (const Tensor& parameter : all) gradients.push_back(grad(Tensor{this, loss}, parameter));
  if constexpr (requires { optimizer.prepare(*this, all, gradients); })
    optimizer.prepare(*this, all, gradients);
  // Clang's evaluator takes half a millisecond for a node: what a repeat can tell it leaves out.
  std::vector<Repeat> samples;
  std::vector<int> kinds;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const int node = all[i].node;
    Repeat sample{.sample = node,
                  .sample_gradient = gradients[i].node,
                  .first = static_cast<int>(nodes.size()),
                  .first_update = static_cast<int>(updates.size())};
    if constexpr (requires { optimizer.kind(std::string_view(), Shape()); }) {
      if (std::is_constant_evaluated()) {
        const int kind = optimizer.kind(leaf_of(node)->name, nodes[node].type.shape);
        std::size_t like = 0;
        while (like < samples.size() &&
               (kinds[like] != kind ||
                !is_identical(nodes[samples[like].sample].type.shape, nodes[node].type.shape)))
          ++like;
        if (like < samples.size()) {
          Repeat repeat = samples[like];
          repeat.parameter = node;
          repeat.gradient = gradients[i].node;
          repeat.at = sample.first;
          repeat.at_update = sample.first_update;
          repeats.push_back(repeat);
          continue;
        }
        kinds.push_back(kind);
      }
    }
    optimizer(*this / leaf_of(node)->name, all[i], gradients[i]);
    sample.last = static_cast<int>(nodes.size());
    sample.last_update = static_cast<int>(updates.size());
    samples.push_back(sample);
  }
}

constexpr void Graph::finish(Where where) {
  // A mistake may be why.
  if (outputs.empty() && updates.empty() && loss < 0 && diagnostics.empty())
    report("the model has no output", locate(where));
}

}  // namespace gradc
