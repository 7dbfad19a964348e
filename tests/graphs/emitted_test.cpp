// Random graphs through the whole compiler: emitted, compiled by both compilers, run as a program
// would run them, against the interpreter in double. A failure shrinks and prints the graph.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "emit/compiled.h"
#include "eval/interpret.h"
#include "eval/random_bindings.h"
#include "gradc/core/arena.h"
#include "graphs/generate.h"
#include "ir/print.h"
#include "passes/entries.h"
#include "passes/lower.h"

namespace gradc::graphs {
namespace {

using emit_test::Compiled;

constexpr int kChunks = 6;  // tests, so that CTest runs them side by side
constexpr int kGraphsOfChunk = 50;
constexpr int kCompilesToShrink = 40;
constexpr std::array<const char*, 2> kCompilers = {"g++", "clang++-19"};

// Of the largest magnitude in the tensor. The graphs apply 4 to 12 ops of a few units in the last
// place each, squashed to where they amplify little, twice over for the gradients: in f32 some 100
// roundings of 2^-24 in a row, 6e-6. The worst that was measured is 6.7e-6.
double tolerance(Element real) { return real == Element::kF64 ? 1e-11 : 4e-5; }

// A graph and what is emitted for it.
struct Subject {
  explicit Subject(const Graph& declared)
      : entries(passes::derive_entries(declared)), module(passes::build_module(declared)) {
    // What is left out goes the same way as evaluation and gradients do, and costs as much again to
    // compile.
    module.predict = {};
    module.loss_only = {};
    module.reference.clear();
  }
  bool empty() const {
    return passes::is_empty(entries.train) && passes::is_empty(entries.evaluate) &&
           passes::is_empty(entries.gradient);
  }

  passes::Entries entries;
  ir::Module module;
};

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

  void run(const Compiled& compiled, const core::Entry& entry, int members) {
    compiled.run(entry, arena_.data() + kGuard, batch_, members);
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
  bindings.seed = 0;  // of a model without a setting of that name
  for (auto& [name, elements] : bindings.leaves)
    if (graph.real == Element::kF32)
      for (double& x : elements) x = static_cast<float>(x);
  return bindings;
}

struct Built {
  const core::Model* model;
  const Compiled* library;
};

// The same models from each of the compilers.
class Models {
 public:
  explicit Models(const std::vector<Subject>& subjects) {
    std::vector<ir::Module> modules;
    for (const Subject& subject : subjects) modules.push_back(subject.module);
    for (const char* compiler : kCompilers)
      compiled_.push_back(std::make_unique<Compiled>(
          modules, compiler, std::vector<std::string>{"-O2", "-march=native"}));
  }
  std::vector<Built> of(std::size_t index) const {
    std::vector<Built> models;
    for (const auto& compiled : compiled_)
      models.push_back({compiled->model(index), compiled.get()});
    return models;
  }

 private:
  std::vector<std::unique_ptr<Compiled>> compiled_;
};

class Checker {
 public:
  // What is wrong with the models that the compilers made of `subject`; nothing if all is well.
  std::string check(const Subject& subject, const std::vector<Built>& models, std::uint64_t seed) {
    for (const Built& built : models)
      if (built.model == nullptr) return "not compiled";
    const passes::Entries& graphs = subject.entries;
    const std::int64_t largest = models.front().model->max_batch;
    for (const std::int64_t batch : {largest, (largest + 1) / 2}) {
      const auto entry = [&](const Graph& graph, core::Entry core::Model::* its_entry) {
        const std::string wrong = check_entry(graph, its_entry, models, seed, batch);
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

 private:
  std::string check_entry(const Graph& graph, core::Entry core::Model::* entry,
                          const std::vector<Built>& models, std::uint64_t seed,
                          std::int64_t batch) {
    if (passes::is_empty(graph)) return "";
    const Meaning meaning(graph, bindings_of(graph, seed, batch));
    std::optional<Tensors> first;
    for (std::size_t m = 0; m < models.size(); ++m) {
      const core::Model& model = *models[m].model;
      for (const int members : {1, 2, 3}) {
        const std::string with =
            ", " + std::string(kCompilers[m]) + ", " + std::to_string(members) + " members: ";
        if ((model.*entry).run == nullptr) return with + "there is no such entry";
        Instance instance(model, batch);
        for (const core::TensorInfo& tensor : model.tensors)
          if (const auto it = meaning.before.find(key(tensor)); it != meaning.before.end())
            instance.put(tensor, it->second);
        instance.run(*models[m].library, model.*entry, members);
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
};

// Smaller graphs that are wrong as well, each compiled by itself.
std::string shrunk(const Graph& failing, std::uint64_t seed, Checker& checker) {
  int left = kCompilesToShrink;
  const Graph small = shrink(failing, [&](const Graph& graph) {
    const std::vector<Subject> one = {Subject(graph)};
    if (one[0].empty() || left-- <= 0) return false;
    return !checker.check(one[0], Models(one).of(0), seed).empty();
  });
  return ir::print(small);
}

Graph graph_of(std::uint64_t seed) {
  return generate(seed, {.ops = 4 + static_cast<int>(seed % 9), .f64 = seed % 6 == 5});
}

class EmittedGraphs : public testing::TestWithParam<int> {};

TEST_P(EmittedGraphs, EqualTheInterpreter) {
  const std::uint64_t from = static_cast<std::uint64_t>(GetParam()) * kGraphsOfChunk;
  std::vector<Graph> graphs;
  std::vector<Subject> subjects;
  for (std::uint64_t seed = from; seed < from + kGraphsOfChunk; ++seed) {
    graphs.push_back(graph_of(seed));
    subjects.emplace_back(graphs.back());
  }
  const Models models(subjects);
  if (HasFatalFailure() || HasNonfatalFailure()) return;
  Checker checker;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const std::string wrong = checker.check(subjects[i], models.of(i), from + i);
    if (!wrong.empty())
      FAIL() << "seed " << from + i << ": " << wrong << "\n"
             << shrunk(graphs[i], from + i, checker);
  }
}

INSTANTIATE_TEST_SUITE_P(Chunks, EmittedGraphs, testing::Range(0, kChunks));

}  // namespace
}  // namespace gradc::graphs
