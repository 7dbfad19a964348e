// What a generated model says about itself, and how a program runs it.
//
// `gradc` writes one constant `Model` for each declared model. Everything in it has static storage
// duration and never changes, so any thread may read it at any time. The values live elsewhere, in
// one block of `Model::arena_bytes` bytes (see arena.h) that the caller owns; one block serves one
// step at a time.
//
// A tensor lies in the arena at a fixed offset with fixed strides, whatever the batch: an axis
// whose extent is the batch has room for the largest one. Rows may be padded; padding holds
// anything, and plain row-major files are made and read through `TensorInfo::strides`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace gradc::core {

class Team;

enum class Element : std::uint8_t { kF32, kF64, kI32 };

constexpr std::int64_t bytes_of(Element element) { return element == Element::kF64 ? 8 : 4; }

enum class Role : std::uint8_t {
  kParameter,  // changed by a training step, saved
  kState,      // changed by a training step, saved: counts, running statistics, optimizer moments
  kInput,      // filled by the caller, left alone by a run; i32: classes 0 .. classes - 1
  kSetting,    // a scalar that the caller may change between steps, such as the learning rate
  kOutput,     // written by a run
  kGradient,   // written by `Model::gradient`; has the name of its parameter
};

inline constexpr int kMaxRank = 6;

struct Initializer {
  enum class Kind : std::uint8_t { kConstant, kNormal, kUniform };
  Kind kind = Kind::kConstant;
  double a = 0;  // the constant, the mean, or the low end
  double b = 0;  // unused, the standard deviation, or the high end
};

struct TensorInfo {
  const char* name;
  Role role;
  Element element;
  const char* source;   // where it was declared, "nplm.cpp:13"
  std::int64_t offset;  // in bytes from the start of the arena
  int rank;
  std::int64_t shape[kMaxRank];     // at the largest batch
  std::int64_t strides[kMaxRank];   // in elements
  int batch_axis = -1;              // the axis whose extent is the batch; -1 for none
  Initializer initializer = {};     // parameters, states and settings
  std::int64_t classes = 0;         // i32 inputs: values are 0 .. classes - 1; else 0
  const char* classes_option = "";  // the -D option that sets `classes`, or ""
};

// The data set that `Graph::dataset` asked for.
struct DatasetInfo {
  enum class Kind : std::uint8_t { kNone, kLines, kItems, kText, kCsv, kMoons, kPairs };
  enum class Order : std::uint8_t { kRandom, kSequential };
  Kind kind = Kind::kNone;
  // Examples drawn uniformly with replacement, or in file order: the last batch of a pass then
  // holds what is left, and the next one starts from the beginning.
  Order order = Order::kRandom;
  bool split = true;        // 80/10/10 by item; otherwise all examples are for training
  std::int64_t window = 0;  // lines, items, text, pairs: how many tokens a sequence has room for
  const char* window_option = "";  // the -D option that sets it, or ""
  std::int64_t source = 0;         // pairs: how many tokens the source has room for
  const char* source_option = "";  // as for the window
  std::int64_t examples = 0;       // moons, pairs: how many to make
  double noise = 0;                // moons: standard deviation of the noise
};

// A whole number that the config.json beside the model's weights tells too, if it has that key.
struct ConfigInfo {
  const char* key;
  std::int64_t value;  // that the model was generated for
  const char* option;  // the -D option that sets it, or ""
  const char* source;  // where it was declared, "gpt2.cpp:24"
};

// What kernels do that do the same, for tensors of their own: `operands` are the places of these,
// in bytes from the start of the arena, then the numbers of random streams. `member` of `members`
// threads does its share of the work.
using Kernel = void(std::byte* arena, const std::int64_t* operands, std::int64_t batch, int member,
                    int members);
using KernelFunction = Kernel*;

// One kernel of an entry.
struct KernelInfo {
  const char* name;    // "contract + bias + tanh"
  const char* source;  // the model's line it came from
  KernelFunction function;
  std::initializer_list<std::int64_t> operands;
  double flop_fixed;     // multiply and add count as two, contractions only
  double flop_per_item;  // times the batch
  double bytes_fixed;    // read and written
  double bytes_per_item;
  bool dots_bf16 = false;  // products are of bf16, by an instruction for pairs of them

  void run(std::byte* arena, std::int64_t batch, int member, int members) const {
    function(arena, operands.begin(), batch, member, members);
  }
};

// A computation on the arena: its kernels in order, with a barrier between two of them.
struct Entry {
  void (*run)(std::byte* arena, std::int64_t batch, Team& team) = nullptr;  // null: there is none
  std::span<const KernelInfo> kernels;
};

struct Model {
  const char* name;
  const char* source;              // the model file
  Element element;                 // of all real tensors
  std::int64_t arena_bytes;        // for train, evaluate and predict
  std::int64_t check_arena_bytes;  // for loss and gradient
  std::int64_t max_batch;          // 1 if the model has no batch
  bool has_batch;
  std::int64_t steps;                   // training steps the model asks for; 0: one sequential pass
  std::span<const TensorInfo> tensors;  // ordered by role, then by declaration
  int loss;                             // index of the minimised scalar output, or -1
  std::span<const ConfigInfo> config = {};
  DatasetInfo dataset;
  Entry train;      // one step: outputs of the training form, then every update
  Entry evaluate;   // every output, outside training, no update
  Entry predict;    // the outputs that need no target, outside training
  Entry loss_only;  // the loss of the training form, no update
  Entry gradient;   // the loss of the training form and its gradient for each parameter
  // The same parameters, inputs and outputs along the time with one position of it: `train`
  // computes the outputs at the position that the input "decode/position" says, and keeps in states
  // "decode/cache0", ... what later positions need. Null if the model generates no sequence.
  const Model* decoder;
  const Model* reference;  // the same model in f64 with loss_only and gradient, or null
  // The name of the target that the kernels run for on this machine, if they are compiled for
  // several, else null. Throws where there is none (targets.h), as `run` of an entry does.
  const char* (*target)() = nullptr;
  // What products are made of: "full", "bf16", or "int8" where nothing is trained.
  const char* precision = "full";
};

}  // namespace gradc::core
