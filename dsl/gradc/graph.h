// Graph and Tensor: how a model is declared, and the value that every compiler pass reads and
// writes.
//
// A Graph owns its nodes in topological order. A Tensor is a handle, a graph and a node of it, that
// stays valid as long as the graph does and is copied freely. Not thread-safe; meant for constant
// evaluation, where nothing is.
#pragma once

#include <gradc/node.h>

#include <source_location>
#include <vector>

namespace gradc {

// The compiler's front end defines GRADC_COLLECT_DIAGNOSTICS: mistakes are then part of the
// constant that it reads, so that it can report all of them with sizes and notes. Any other
// compiler stops at the first one, at the model's own line, and quotes its message (freeze.h).
#ifdef GRADC_COLLECT_DIAGNOSTICS
inline constexpr bool kCollectDiagnostics = true;
#else
inline constexpr bool kCollectDiagnostics = false;
#endif

// What a mistake does to constant evaluation.
enum class Mistakes : bool { kStop, kCollect };

// Not constexpr on purpose: reaching it in constant evaluation makes the compiler reject the model
// and show the chain of calls from the model's line to the rule that was broken.
inline void model_is_wrong() {}
// The same, for a Tensor that was declared and never given a value: it knows no graph to report to.
inline void this_tensor_has_no_value() {}

class Graph;

struct Tensor {
  Graph* graph = nullptr;
  int node = -1;

  constexpr const Type& type() const;
  // A copy: a reference would end with the next node that is appended.
  constexpr Shape shape() const { return type().shape; }
  constexpr int rank() const { return type().rank(); }
  // The extent of an axis; negative axes count from the last.
  constexpr Dim dim(int axis) const {
    if (axis < 0) axis += rank();
    return axis >= 0 && axis < rank() ? type().shape[axis]
                                      : Dim(1);  // a poisoned tensor has no axes
  }
};

// An argument of an op: a tensor or a number, with the place where it was written. Operators take
// their location from here, for they can have no default argument.
struct Operand {
  Tensor tensor;  // graph is null for a number
  double number = 0;
  std::source_location where;

  using Where = std::source_location;
  constexpr Operand(Tensor t, Where w = Where::current()) : tensor(t), where(w) {
    if (t.graph == nullptr) this_tensor_has_no_value();
  }
  constexpr Operand(double x, Where w = Where::current()) : number(x), where(w) {}
  constexpr Operand(int x, Where w = Where::current()) : number(x), where(w) {}

  constexpr bool is_number() const { return tensor.graph == nullptr; }
};

// A part of a model with a name of its own: parameters declared in `g / "hidden"` are called
// "hidden/weight" and so on.
class Scope {
 public:
  using Where = std::source_location;
  constexpr Scope(Graph& graph, Where where = Where::current()) : graph_(&graph), where_(where) {}

  constexpr Graph& graph() const { return *graph_; }
  constexpr const Where& where() const { return where_; }
  constexpr Scope operator/(std::string_view name) const;
  constexpr Tensor parameter(std::string_view name, const Shape& shape, Initializer initializer,
                             Where where = Where::current()) const;
  constexpr Tensor state(std::string_view name, const Shape& shape, Initializer initializer,
                         Where where = Where::current()) const;

 private:
  constexpr Text qualified(std::string_view name) const;

  Graph* graph_;
  int path_ = -1;  // index into Graph::scopes; -1 for the graph itself
  Where where_;
};

// What products are made of: numbers as they are; both operands in bf16; parameters in int8, where
// nothing is trained. Said on the compiler's command line.
enum class Precision : std::uint8_t { kFull, kBf16, kInt8 };

constexpr const char* name_of(Precision precision) {
  constexpr const char* kNames[] = {"full", "bf16", "int8"};
  return kNames[static_cast<int>(precision)];
}

class Graph {
 public:
  using Where = std::source_location;

  Text name;
  Element real = Element::kF32;  // of every tensor that is not i32
  Precision precision = Precision::kFull;
  Dim batch_dim{0};  // size 0: the model has no batch
  Dim time_dim{0};   // size 0: the model generates no sequence
  // How many training steps the model asks for; 0: one pass over a data set in sequential order.
  std::int64_t steps = 0;
  std::vector<Text> files;
  std::vector<Text> scopes;  // the paths that scopes have named
  std::vector<Node> nodes;
  std::vector<Leaf> leaves;
  std::vector<Output> outputs;
  std::vector<Update> updates;
  std::vector<Repeat> repeats;  // none but in what constant evaluation leaves
  int loss = -1;
  std::vector<ConfigFact> config_facts;
  Dataset data;
  std::vector<Diagnostic> diagnostics;
  Mistakes mistakes = kCollectDiagnostics ? Mistakes::kCollect : Mistakes::kStop;

  // --- Declaring a model -----------------------------------------------------------------------

  // All real tensors of this model are f64. To be said before the first tensor.
  constexpr void use_f64() { real = Element::kF64; }

  // The batch: any extent from 1 to `largest` while the program runs. One a model.
  constexpr Dim batch(Dim largest, Where where = Where::current());

  // The positions of a sequence that the program generates one by one. One a model.
  constexpr Dim time(Dim length, Where where = Where::current());

  // Real values that the caller or the data set provides for every run.
  constexpr Tensor input(std::string_view name, const Shape& shape, Where = Where::current());
  // Indices 0 .. classes - 1.
  constexpr Tensor tokens(std::string_view name, const Shape& shape, Dim classes,
                          Where = Where::current());
  // A scalar that the user of the program may change; `value` if not.
  constexpr Tensor setting(std::string_view name, double value, Where = Where::current());
  constexpr Tensor parameter(std::string_view leaf_name, const Shape& shape,
                             Initializer initializer, Where where = Where::current());
  // A tensor that a step changes without a gradient.
  constexpr Tensor state(std::string_view leaf_name, const Shape& shape, Initializer initializer,
                         Where where = Where::current());
  constexpr Tensor constant(double value, Where = Where::current());
  // 0, 1, 2, ... along `axis` of `shape`, as i32.
  constexpr Tensor iota(const Shape& shape, int axis, Where = Where::current());
  // Uniform in [0, 1), new in every step, the same for any number of threads.
  constexpr Tensor random(const Shape& shape, Where = Where::current());
  // The extent of `dim` as a scalar; for a batched dimension that of the running batch.
  constexpr Tensor extent(Dim dim, Where = Where::current());
  // The number of training steps done so far.
  constexpr Tensor step(Where = Where::current());
  // The number of training steps asked for.
  constexpr Tensor total_steps(Where where = Where::current());

  // The parameters declared so far, in order.
  constexpr std::vector<Tensor> parameters();
  // What several parts of a model need alike: `make(others)` declares it for the first that asks
  // for `what` of these numbers; `others` counts those of other numbers until then.
  template <class Make>
  constexpr Tensor shared(const char* what, const List<double, 4>& numbers, Make make);

  constexpr void output(std::string_view name, Operand value);
  // After each training step `target`, a parameter or state, takes the value of `value`.
  constexpr void update(Tensor target, Operand value);
  // The scalar of which a program gives the gradient for each parameter; none is changed.
  constexpr void objective(Operand loss);
  // The objective of a training program: `optimizer(scope, parameter, gradient)` declares the
  // updates of each parameter declared so far, after `optimizer.prepare(graph, parameters,
  // gradients)`, if there is one, has changed the gradients as a whole (optim.h). Parameters that
  // `optimizer.kind(name, shape)`, if there is one, calls alike have updates that differ in nothing
  // but names.
  template <class Optimizer>
  constexpr void minimize(Operand loss, const Optimizer& optimizer);
  constexpr void dataset(const Dataset& description) { data = description; }
  // Weights are refused if the config.json beside them has another number under `key`, a checkpoint
  // if its run was trained with another one: shapes alone do not tell, for example, how many heads
  // there are.
  constexpr void config(std::string_view key, Dim value, Where where = Where::current());
  // Reports what can only be seen once everything is declared. GRADC_MODEL calls it.
  constexpr void finish(Where = Where::current());

  friend constexpr Scope operator/(Graph& graph, std::string_view path) {
    return Scope(graph) / path;
  }

  // --- Building nodes --------------------------------------------------------------------------

  // Appends a node of the wanted op. `wanted` is the type asked for where operands and attributes
  // do not determine it (leaves, broadcast, reshape, ...). A broken rule becomes a diagnostic.
  constexpr Tensor append(Op op, const Operands& operands, const Attributes& attributes,
                          Type wanted, Location location);
  constexpr Tensor leaf(Role role, std::string_view name, const Type& type, Initializer initializer,
                        Where where);
  constexpr void check_name(std::string_view its_name, Location location);
  constexpr void report(Text message, Location location, std::vector<Note> notes = {});
  constexpr Location locate(const Where& where);

  constexpr const Node& operator[](int node) const { return nodes[node]; }
  constexpr const Leaf* leaf_of(int node) const;
  constexpr int find_leaf(std::string_view name) const;  // -1: there is none

  // While one is alive, every new node gets the location of the first one made: what nn:: builds
  // points at the line of the model that called it, what a pass builds at the node it came from.
  class At {
   public:
    constexpr At(Graph& graph, Location location) : graph_(graph), outermost_(!graph.pinned_) {
      if (outermost_) graph.here_ = location;
      graph.pinned_ = true;
    }
    constexpr At(Graph& graph, const Where& where) : At(graph, graph.locate(where)) {}
    constexpr explicit At(const Scope& scope) : At(scope.graph(), scope.where()) {}
    constexpr ~At() {
      if (outermost_) graph_.pinned_ = false;
    }
    At(const At&) = delete;
    At& operator=(const At&) = delete;

   private:
    Graph& graph_;
    bool outermost_;
  };

 private:
  struct Shared {
    const char* what = "";
    List<double, 4> numbers;
    int node = -1;
  };

  constexpr std::size_t slot_of(std::string_view leaf_name) const;
  constexpr void index_last_leaf();

  Location here_;  // of every new node while `pinned_`
  bool pinned_ = false;
  std::vector<Shared> shared_;  // while the model is declared; passes number nodes anew
  // Leaves by name: at the first free slot from that of the hash on, -1 being free. Of graphs that
  // were declared, not of those that were read, which few search.
  std::vector<int> slots_;
  std::size_t indexed_ = 0;
};

constexpr const Type& Tensor::type() const { return graph->nodes[node].type; }

constexpr Text Scope::qualified(std::string_view name) const {
  if (path_ < 0) return name;
  Text path = graph_->scopes[path_];
  path += "/";
  path += name;
  return path;
}
constexpr Scope Scope::operator/(std::string_view name) const {
  graph_->scopes.push_back(qualified(name));
  Scope inner = *this;
  inner.path_ = static_cast<int>(graph_->scopes.size()) - 1;
  return inner;
}
constexpr std::vector<Tensor> Graph::parameters() {
  std::vector<Tensor> tensors;
  for (const Leaf& leaf : leaves)
    if (leaf.role == Role::kParameter) tensors.push_back({this, leaf.node});
  return tensors;
}

template <class Make>
constexpr Tensor Graph::shared(const char* what, const List<double, 4>& numbers, Make make) {
  int others = 0;
  for (const Shared& known : shared_) {
    if (std::string_view(known.what) != what) continue;
    if (known.numbers == numbers) return {this, known.node};
    ++others;
  }
  const Tensor tensor = make(others);
  shared_.push_back({what, numbers, tensor.node});
  return tensor;
}

constexpr Location Graph::locate(const Where& where) {
  if (pinned_) return here_;
  const char* file = where.file_name();
  int index = -1;
  for (int i = static_cast<int>(files.size()) - 1; i >= 0 && index < 0; --i)
    if (files[i] == file) index = i;
  if (index < 0) {
    index = static_cast<int>(files.size());
    files.push_back(file);
  }
  return {index, static_cast<int>(where.line()), static_cast<int>(where.column())};
}

constexpr void Graph::report(Text message, Location location, std::vector<Note> notes) {
  if (mistakes == Mistakes::kStop) model_is_wrong();
  diagnostics.push_back({std::move(message), location, std::move(notes)});
}

constexpr void Graph::check_name(std::string_view its_name, Location location) {
  if (!is_name(its_name))
    report("a name is one or more printable ASCII characters other than \" and \\", location);
}

constexpr const Leaf* Graph::leaf_of(int node) const {
  const auto& ints = nodes[node].attributes.ints;  // a leaf node names its leaf
  if (ints.size() != 1 || ints[0] < 0 || ints[0] >= static_cast<std::int64_t>(leaves.size()))
    return nullptr;
  const Leaf& leaf = leaves[static_cast<std::size_t>(ints[0])];
  return leaf.node == node ? &leaf : nullptr;
}

// Clang's evaluator takes about a microsecond for each of these steps, so that a search through all
// leaves for each new one would be most of the time of a deep model.
constexpr std::size_t Graph::slot_of(std::string_view leaf_name) const {
  std::uint32_t hash = 2166136261;  // Fowler, Noll and Vo, FNV-1a
  const char* const chars = leaf_name.data();
  for (std::size_t i = 0, size = leaf_name.size(); i < size; ++i)
    hash = (hash ^ static_cast<unsigned char>(chars[i])) * 16777619;
  const std::size_t mask = slots_.size() - 1;
  // Pointers: a call of an iterator's operator costs the evaluator more than the comparison.
  const int* const slots = slots_.data();
  const Leaf* const first = leaves.data();
  std::size_t slot = (hash ^ (hash >> 15)) & mask;
  while (slots[slot] >= 0 && !(first[slots[slot]].name == leaf_name)) slot = (slot + 1) & mask;
  return slot;
}

constexpr void Graph::index_last_leaf() {
  const auto last = static_cast<int>(leaves.size()) - 1;
  if (indexed_ != leaves.size() - 1) return;  // a graph that was read
  int from = last;
  if (2 * leaves.size() > slots_.size()) {
    slots_ = std::vector<int>(slots_.empty() ? 64 : 4 * slots_.size(), -1);
    from = 0;
  }
  for (int i = from; i <= last; ++i) {
    int& slot = slots_[slot_of(leaves[i].name)];
    if (slot < 0) slot = i;  // of two with one name, the first
  }
  ++indexed_;
}

constexpr int Graph::find_leaf(std::string_view leaf_name) const {
  if (leaves.empty()) return -1;
  if (indexed_ == leaves.size()) return slots_[slot_of(leaf_name)];
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (leaves[i].name == leaf_name) return static_cast<int>(i);
  return -1;
}

}  // namespace gradc
