#include "graphs/emitted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>

#include "eval/interpret.h"
#include "eval/random_bindings.h"
#include "gradc/core/arena.h"
#include "gradc/core/team.h"
#include "passes/decode.h"

namespace gradc::graphs {
namespace {

// Of the largest magnitude in the tensor. The graphs apply 4 to 12 ops of a few units in the last
// place each, squashed to where they amplify little, twice over for the gradients: in f32 some 100
// roundings of 2^-24 in a row, 6e-6. The worst that was measured is 6.7e-6.
double tolerance(Element real) { return real == Element::kF64 ? 1e-11 : 4e-5; }

using Tensors = std::map<std::string, eval::Array>;  // by name

std::string key(const core::TensorInfo& tensor) {
  return (tensor.role == core::Role::kGradient ? "gradient/" : "") + std::string(tensor.name);
}

// A model with an arena between guards, all of it NaN but for what is put there.
class Instance {
 public:
  Instance(const core::Model& model, std::int64_t batch)
      : batch_(batch),
        bytes_(static_cast<std::size_t>(std::max(model.arena_bytes, model.check_arena_bytes))),
        arena_(bytes_ + 2 * kGuard) {
    std::memset(arena_.data(), kSentinel, arena_.size());
  }

  void put(const core::TensorInfo& tensor, const eval::Array& values) {
    std::size_t i = 0;
    each_place(tensor, values.extents, [&](std::byte* at) {
      const auto write = [&](auto x) { std::memcpy(at, &x, sizeof x); };
      if (tensor.element == core::Element::kI32)
        write(static_cast<std::int32_t>(values.elements[i++]));
      else if (tensor.element == core::Element::kF64)
        write(values.elements[i++]);
      else
        write(static_cast<float>(values.elements[i++]));
    });
  }

  eval::Array get(const core::TensorInfo& tensor, const std::vector<std::int64_t>& extents) {
    eval::Array values;
    values.extents = extents;
    each_place(tensor, extents, [&](const std::byte* at) {
      const auto read = [&](auto x) {
        std::memcpy(&x, at, sizeof x);
        values.elements.push_back(static_cast<double>(x));
      };
      if (tensor.element == core::Element::kI32)
        read(std::int32_t{});
      else if (tensor.element == core::Element::kF64)
        read(double{});
      else
        read(float{});
    });
    return values;
  }

  void run(const core::Entry& entry, core::Team& team) {
    entry.run(arena_.data() + kGuard, batch_, team);
  }

  bool guards_hold() const {
    const auto untouched = [](std::byte b) { return b == std::byte{kSentinel}; };
    return std::all_of(arena_.data(), arena_.data() + kGuard, untouched) &&
           std::all_of(arena_.data() + kGuard + bytes_, arena_.data() + arena_.size(), untouched);
  }

 private:
  static constexpr std::size_t kGuard = 4096;
  static constexpr unsigned char kSentinel = 0xff;

  template <class F>
  void each_place(const core::TensorInfo& tensor, const std::vector<std::int64_t>& extents, F f) {
    eval::for_each_index(extents, [&](const std::vector<std::int64_t>& index) {
      std::int64_t at = 0;
      for (std::size_t axis = 0; axis < index.size(); ++axis)
        at += index[axis] * tensor.strides[axis];
      f(arena_.data() + kGuard + tensor.offset + at * core::bytes_of(tensor.element));
    });
  }

  std::int64_t batch_;
  std::size_t bytes_;
  core::Arena arena_;
};

// What the entry's graph means: every leaf before the run; every output and leaf after it.
struct Meaning {
  Meaning(const Graph& graph, const eval::Bindings& bindings) {
    const eval::Values values = eval::interpret(graph, bindings);
    for (const Leaf& leaf : graph.leaves) before[leaf.name.str()] = values[leaf.node];
    after = before;
    for (const Update& update : graph.updates)
      after[graph.leaves[graph[update.leaf].attributes.ints[0]].name.str()] = values[update.node];
    for (const Output& output : graph.outputs) after[output.name.str()] = values[output.node];
  }
  Tensors before, after;
};

bool same(double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); }

std::string compare(const Tensors& found, const Tensors& wanted, double relative) {
  for (const auto& [name, array] : wanted) {
    const std::vector<double>& elements = array.elements;
    const auto it = found.find(name);
    if (it == found.end()) return name + " is no tensor of the model";
    double scale = 1e-300;
    for (const double x : elements)
      if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const double x = it->second.elements[i], y = elements[i];
      if (same(x, y) || std::abs(x - y) <= relative * scale) continue;
      return name + "[" + std::to_string(i) + "] is " + std::to_string(x) + ", not " +
             std::to_string(y) + ", in a tensor of scale " + std::to_string(scale);
    }
  }
  return "";
}

// Values for the leaves that are exact in `real`.
eval::Bindings bindings_of(const Graph& graph, std::uint64_t seed, std::int64_t batch) {
  eval::Bindings bindings = eval::random_bindings(graph, seed, batch);
  for (auto& [name, elements] : bindings.leaves)
    if (graph.real == Element::kF32)
      for (double& x : elements) x = static_cast<float>(x);
  return bindings;
}

using Teams = std::array<core::Team, 3>;

std::string check_entry(const Graph& graph, core::Entry core::Model::* entry,
                        const std::vector<const core::Model*>& models, Teams& teams,
                        std::uint64_t seed, std::int64_t batch) {
  if (passes::is_empty(graph)) return "";
  const Meaning meaning(graph, bindings_of(graph, seed, batch));
  std::optional<Tensors> first;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const core::Model& model = *models[m];
    for (core::Team& team : teams) {
      const std::string with =
          ", " + compilers()[m] + ", " + std::to_string(team.members()) + " members: ";
      if ((model.*entry).run == nullptr) return with + "there is no such entry";
      Instance instance(model, batch);
      for (const core::TensorInfo& tensor : model.tensors)
        if (const auto it = meaning.before.find(key(tensor)); it != meaning.before.end())
          instance.put(tensor, it->second);
      instance.run(model.*entry, team);
      if (!instance.guards_hold()) return with + "it wrote outside the arena";
      Tensors found;
      for (const core::TensorInfo& tensor : model.tensors)
        if (const auto it = meaning.after.find(key(tensor)); it != meaning.after.end())
          found[it->first] = instance.get(tensor, it->second.extents);
      const std::string wrong = compare(found, meaning.after, tolerance(graph.real));
      if (!wrong.empty()) return with + wrong;
      if (!first) first = found;
      const std::string other = compare(found, *first, 0);
      if (!other.empty()) return with + other + ": other bits than at first";
    }
  }
  return "";
}

bool along_time(const Graph& graph, std::string_view leaf) {
  for (const Leaf& each : graph.leaves)
    if (each.name == leaf)
      for (const Dim& dim : graph[each.node].type.shape)
        if (dim.time) return true;
  return false;
}

// A tensor at one place of its axis 1, or a row of it.
eval::Array at_position(const eval::Array& whole, std::int64_t position) {
  eval::Array array;
  array.extents = whole.extents;
  array.extents[1] = 1;
  eval::for_each_index(array.extents, [&](const std::vector<std::int64_t>& index) {
    std::int64_t at = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis)
      at = at * whole.extents[axis] + (axis == 1 ? position : index[axis]);
    array.elements.push_back(whole.elements[static_cast<std::size_t>(at)]);
  });
  return array;
}

std::string decode_all(const Graph& whole, const Meaning& meaning, const core::Model& decoder,
                       core::Team& team, std::int64_t batch, std::uint64_t seed) {
  Instance instance(decoder, batch);
  const Graph step = passes::decode(whole)->graph;
  const Meaning start(step, bindings_of(step, seed, batch));
  for (const core::TensorInfo& tensor : decoder.tensors) {
    if (tensor.role == core::Role::kParameter) instance.put(tensor, meaning.before.at(tensor.name));
    if (tensor.role == core::Role::kState) instance.put(tensor, start.before.at(tensor.name));
  }
  for (std::int64_t at = 0; at < whole.time_dim.size; ++at) {
    Tensors found, wanted;
    for (const core::TensorInfo& tensor : decoder.tensors) {
      if (tensor.role != core::Role::kInput) continue;
      if (tensor.name == std::string_view(passes::kPresentPosition))
        instance.put(tensor, eval::Array({}, static_cast<double>(at)));
      else if (along_time(whole, tensor.name))
        instance.put(tensor, at_position(meaning.before.at(tensor.name), at));
      else
        instance.put(tensor, meaning.before.at(tensor.name));
    }
    instance.run(decoder.train, team);
    if (!instance.guards_hold()) return "it wrote outside the arena";
    for (const core::TensorInfo& tensor : decoder.tensors) {
      if (tensor.role != core::Role::kOutput) continue;
      wanted[tensor.name] = at_position(meaning.after.at(tensor.name), at);
      found[tensor.name] = instance.get(tensor, wanted[tensor.name].extents);
    }
    const std::string wrong = compare(found, wanted, tolerance(whole.real));
    if (!wrong.empty()) return "at position " + std::to_string(at) + ": " + wrong;
  }
  return "";
}

}  // namespace

std::vector<std::string> compilers() {
  std::vector<std::string> names = {"g++", "clang++-19"};
  std::erase_if(names, [](const std::string& name) { return !emit_test::can_load(name); });
  return names;
}

std::string check(const Subject& subject, const std::vector<const core::Model*>& models,
                  std::uint64_t seed) {
  for (const core::Model* model : models)
    if (model == nullptr) return "not compiled";
  Teams teams = {core::Team(1), core::Team(2), core::Team(3)};
  const passes::Entries& graphs = subject.entries;
  const std::int64_t largest = models.front()->max_batch;
  for (const std::int64_t batch : {largest, (largest + 1) / 2}) {
    const auto entry = [&](const Graph& graph, core::Entry core::Model::* its_entry) {
      const std::string wrong = check_entry(graph, its_entry, models, teams, seed, batch);
      return wrong.empty() ? "" : "at batch " + std::to_string(batch) + wrong;
    };
    if (const auto wrong = entry(graphs.train, &core::Model::train); !wrong.empty())
      return "train " + wrong;
    if (const auto wrong = entry(graphs.evaluate, &core::Model::evaluate); !wrong.empty())
      return "evaluate " + wrong;
    if (const auto wrong = entry(graphs.gradient, &core::Model::gradient); !wrong.empty())
      return "gradient " + wrong;
  }
  return "";
}

namespace {

// What is wrong with the decoders of the models, which compute the output "logits" position by
// position, beside `whole`, what its prediction gives for all positions at once. Caches begin with
// what an earlier sequence might have left.
std::string check_decoder(const Graph& whole, const std::vector<const core::Model*>& models,
                          std::uint64_t seed) {
  Teams teams = {core::Team(1), core::Team(2), core::Team(3)};
  for (const std::int64_t batch : {whole.batch_dim.size, std::int64_t{1}}) {
    eval::Bindings bindings = bindings_of(whole, seed, batch);
    bindings.training = false;
    const Meaning meaning(whole, bindings);
    for (std::size_t m = 0; m < models.size(); ++m) {
      if (models[m] == nullptr || models[m]->decoder == nullptr) return "there is no decoder";
      for (core::Team& team : teams) {
        const std::string wrong =
            decode_all(whole, meaning, *models[m]->decoder, team, batch, seed + 1);
        if (!wrong.empty())
          return compilers()[m] + ", " + std::to_string(team.members()) + " members, batch " +
                 std::to_string(batch) + ": " + wrong;
      }
    }
  }
  return "";
}

// Expects nothing of what `wrong` says of a graph by its place, its subject and its models.
template <class Wrong>
void expect_nothing(const std::vector<Graph>& graphs, Wrong wrong) {
  const std::vector<Subject> subjects(graphs.begin(), graphs.end());
  const Models models(subjects);
  if (testing::Test::HasFailure()) return;
  for (std::size_t i = 0; i < graphs.size(); ++i)
    EXPECT_EQ(wrong(i, subjects[i], models.of(i)), "") << graphs[i].name.str();
}

}  // namespace

void expect_equal(const std::vector<Graph>& graphs) {
  expect_nothing(graphs, [](std::size_t i, const Subject& subject, const auto& models) {
    return check(subject, models, i);
  });
}

void expect_equal_decoders(const std::vector<Graph>& graphs) {
  expect_nothing(graphs, [&](std::size_t i, const Subject&, const auto& models) {
    return check_decoder(graphs[i], models, i);
  });
}

}  // namespace gradc::graphs
