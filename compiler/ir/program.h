// Program: what a graph becomes before it is written as C++. A list of kernels over buffers, run in
// order, a barrier between two of them. Some run in streams, tile by tile.
//
// A kernel is a nest of loops. Its row axes go around everything; within one row its stages run one
// after another, each a loop over inner axes of its own that folds reductions and stores values.
// One axis may lie in the lanes of vectors. Three examples, with b the batch:
//
//   tanh(x)[b, j]            rows b, j   one stage, no inner axes     lanes j
//   softmax(x)[b, j]         rows b      max over j; sum over j; store over j     lanes j
//   sum over b of x[b, j]    rows j      one stage with inner b, a store after it    lanes j
//
// A contraction is a kernel whose rows are the axes of its result: at each place the sum of
// products over the contracted axes comes first, as the value kAccumulator, then its one stage.
//
// Values form a DAG in topological order. A value belongs to the outermost loop that binds all axes
// it depends on. Nothing here has been written by a user: a Program that breaks a rule is a bug.
#pragma once

#include <gradc/graph.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gradc::ir {

// A loop. While a program runs, a batched axis has extent / B * batch iterations, where B is the
// largest batch.
struct Axis {
  std::string name;
  std::int64_t extent = 1;
  bool batched = false;
  // Only as far as what is computed sees: a tile of a causal stream its last row, a decoder the
  // present position, both in whole vectors.
  bool limited = false;
};

// offset + sum of coefficient * axis
struct Affine {
  struct Term {
    int axis;
    std::int64_t coefficient;
    friend bool operator==(const Term&, const Term&) = default;
  };
  std::vector<Term> terms;  // ascending axes, no zero coefficients
  std::int64_t offset = 0;

  std::int64_t coefficient(int axis) const;
  void add(int axis, std::int64_t coefficient);
  void add(const Affine& other, std::int64_t times);
  friend bool operator==(const Affine&, const Affine&) = default;
};

// Memory for one tensor. Elements lie at sum of index * stride. Rows, of one axis or of several,
// are padded to whole vectors of 64 bytes, except in scalars; padding holds anything that may be
// read and overwritten.
struct Buffer {
  enum class Storage : std::uint8_t {
    kLeaf,       // an input, setting, parameter or state, at the same place in every entry
    kOutput,     // likewise, by name
    kTemporary,  // dead outside the run
    kLocal,      // written and read within one stream, which keeps a tile of it at a time
  };
  std::string name;
  Storage storage = Storage::kTemporary;
  Element element = Element::kF32;
  Shape shape;
  std::vector<std::int64_t> strides;  // in elements, one for each axis of the shape
  std::int64_t elements = 0;          // to allocate, padding included
  int leaf = -1;                      // kLeaf: index in Graph::leaves
  std::int64_t offset = -1;           // in bytes from the start of the arena, once planned
  bool lasting = false;               // of a temporary: keeps from run to run what it holds

  std::int64_t bytes() const { return elements * bytes_of(element); }
};

struct Value {
  enum class Kind : std::uint8_t {
    kConstant,     // number
    kExtent,       // the running batch, as a real number
    kLoad,         // element `index` of `buffer`, plus `row_stride` times the i32 value `row`
    kIndex,        // `index` itself, as i32
    kRandom,       // uniform in [0, 1) of seed and step `operands`, `stream`, element `index`
    kApply,        // the elementwise op `op` of `operands`
    kReduced,      // what the reduction of that result folded; bound after its stage
    kAccumulator,  // the sum of products of a contraction
  };
  Kind kind = Kind::kConstant;
  Element element = Element::kF32;
  double number = 0;
  int buffer = -1;
  Affine index;
  int row = -1;
  std::int64_t row_stride = 0;
  int stream = 0;
  Op op{};
  Operands operands;
  friend bool operator==(const Value&, const Value&) = default;
};

// Folds `value` over the inner axes of its stage; `result` is the kReduced value.
struct Reduction {
  bool maximum = false;  // else a sum
  int value = -1;
  int result = -1;
};

struct Store {
  int value = -1;
  int buffer = -1;
  Affine index;
  int row = -1;  // an i32 value, as in a load
  std::int64_t row_stride = 0;
  bool accumulate = false;  // add to what is there
};

struct Stage {
  std::vector<int> inner;  // axes, outermost first
  std::vector<Reduction> reductions;
  std::vector<Store> stores;      // at every place of the inner axes
  std::vector<Store> row_stores;  // once a row, after the inner loops
};

// result[batch, m, n] = sum over k of left * right. Lanes lie along the last of `n`, where `right`
// and the first store have coefficient 1.
struct Contraction {
  int left_buffer = -1, right_buffer = -1;
  Affine left, right;
  std::vector<int> batch, m, n;  // axes, together the rows of the kernel
  std::vector<int> k;            // axes, outermost first
  int result = -1;               // the kAccumulator value
  bool adds = false;  // to the result that is there, when one tile of a stream is emitted
};

struct Kernel {
  std::string name;  // "contract + bias + tanh"
  Location source;
  std::vector<Axis> axes;
  std::vector<Value> values;
  std::vector<int> rows;   // axes, outermost first
  std::vector<int> fixed;  // axes whose place the caller says, when one tile of a stream is emitted
  int lanes = -1;          // the axis in the lanes; -1: scalars only
  bool first = false;      // of a decoder: at the first position only, which its stores outlive
  bool sequential = false;  // one thread: a scatter, whose order of additions is its meaning
  std::vector<Stage> stages;
  bool contracts = false;
  Contraction contraction;
};

// Consecutive kernels that run together, so that what they hand each other never lies in memory as
// a whole: for every place of their outer axes, `tile` places of the tile axis at a time. Attention
// is one, with rows of queries as tiles and scores as local buffers. What the kernels mean stays
// what they mean one after the other.
struct Stream {
  struct Member {
    std::vector<int> outer;    // axes of the kernel, in the order in which all members have them
    int tile = -1, keys = -1;  // likewise
    bool accumulates = false;  // sums over the tile axis, so that each tile adds to the result
    bool again = false;        // works out what an earlier stream has had already
  };
  int first = 0;  // in Program::kernels
  std::vector<Member> members;
  std::int64_t tile = 1;  // the last one may have fewer places
  bool causal = false;    // no row needs a key behind its own place
};

struct Program {
  std::string name;
  Element real = Element::kF32;
  std::int64_t max_batch = 1;
  bool has_batch = false;
  std::vector<std::string> files;  // of the kernels' sources
  std::vector<Buffer> buffers;     // those of the leaves first, in the order of Graph::leaves
  std::vector<Kernel> kernels;
  std::vector<Stream> streams;  // in the order of their kernels
  int present = -1;             // of a decoder: the buffer of the position that it computes
};

// What runs between two barriers: a kernel or a stream.
struct Unit {
  int first = 0, count = 1;
  const Stream* stream = nullptr;
};
std::vector<Unit> units_of(const Program& program);

// Everything that is emitted for one model: the entries of runtime core's Model as programs. Their
// first buffers are those of the leaves, equal in all of them; outputs of one name are equal too.
struct Module {
  Graph declared;                                         // as the model file said it
  Program train, evaluate, predict, loss_only, gradient;  // no kernels: the model has no such entry
  std::int64_t arena_bytes = 0;                           // train, evaluate and predict
  std::int64_t check_arena_bytes = 0;                     // loss_only and gradient
  // The model's decoder, whose training step computes one position and keeps what later ones need.
  // Empty in itself.
  std::vector<Module> decoder;
  // The f64 twin of the model for `check`: loss_only and gradient. Empty in itself.
  std::vector<Module> reference;
};

// The element that has the results of an op: kBf16 for round_to_bf16; kF32 for all that rounds to
// none.
Element rounded_element(Op op);

// How many elements of `element` a vector holds: 64 bytes of them, or what is as many f32.
constexpr std::int64_t lanes_of(Element element) { return element == Element::kF64 ? 8 : 16; }

}  // namespace gradc::ir
