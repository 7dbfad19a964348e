// The nodes of a graph and what stands beside them: leaves, updates, outputs, data set.
//
// A node is one application of an op (ops.h) to earlier nodes. The same struct serves the DSL,
// which builds it in constant evaluation, and the compiler, which reads the constant back.
#pragma once

#include <gradc/shape.h>

#include <cstdint>
#include <vector>

namespace gradc {

// The position of an op's block in the op table.
enum class Op : std::uint8_t {};

// A place in a model file; `file` is an index into Graph::files, -1 for no place.
struct Location {
  int file = -1;
  int line = 0;
  int column = 0;
  friend constexpr bool operator==(const Location&, const Location&) = default;
};

// What an op needs to know besides its operands. Which fields mean something is the op's to say.
struct Attributes {
  List<std::int64_t, 16> ints;
  double value = 0;
  friend constexpr bool operator==(const Attributes&, const Attributes&) = default;
};

inline constexpr int kMaxOperands = 3;
using Operands = List<int, kMaxOperands>;

struct Node {
  Op op{};
  Type type;
  Operands operands;  // indices of earlier nodes
  Attributes attributes;
  Location location;
};

enum class Role : std::uint8_t { kInput, kSetting, kParameter, kState };

constexpr const char* name_of(Role role) {
  switch (role) {
    case Role::kInput:
      return "input";
    case Role::kSetting:
      return "setting";
    case Role::kParameter:
      return "parameter";
    case Role::kState:
      return "state";
  }
  return "";
}

// How a parameter or state begins. kNormal: mean a, standard deviation b. kUniform: from a to b.
struct Initializer {
  enum class Kind : std::uint8_t { kConstant, kNormal, kUniform };
  Kind kind = Kind::kConstant;
  double a = 0;
  double b = 0;
  friend constexpr bool operator==(const Initializer&, const Initializer&) = default;
};

constexpr Initializer constant(double value) { return {Initializer::Kind::kConstant, value, 0}; }
constexpr Initializer zeros() { return constant(0); }
constexpr Initializer ones() { return constant(1); }
constexpr Initializer normal(double stddev, double mean = 0) {
  return {Initializer::Kind::kNormal, mean, stddev};
}
constexpr Initializer uniform(double low, double high) {
  return {Initializer::Kind::kUniform, low, high};
}

// What a leaf node stands for; attributes.ints[0] of the node is its index in Graph::leaves.
struct Leaf {
  Role role = Role::kInput;
  Text name;
  int node = -1;
  Initializer initializer;   // parameters, states; a setting's default is initializer.a
  std::int64_t classes = 0;  // i32 inputs hold 0 .. classes - 1
  const char* classes_option = "";
};

struct Output {
  Text name;
  int node = -1;
  Location location;
};

// After a training step `leaf` takes the value of `node`. All updates of a step read the old
// values.
struct Update {
  int leaf = -1;
  int node = -1;
  Location location;
};

// What an optimizer declared for one parameter, the sample, once more for another one: nodes
// `first` to `last` - 1 and updates `first_update` to `last_update` - 1, as far as they depend on
// the sample, its gradient or a state named after it. Constant evaluation leaves it for the
// compiler to write out, before node `at` and update `at_update`.
struct Repeat {
  int sample = -1, sample_gradient = -1;
  int first = 0, last = 0, first_update = 0, last_update = 0;
  int parameter = -1, gradient = -1;
  int at = 0, at_update = 0;
};

// A whole number that the config.json beside a model's weights tells too, if it has that key.
struct ConfigFact {
  Text key;
  std::int64_t value = 0;
  const char* option = "";  // the -D option that sets it, or ""
  Location location;
};

struct Dataset {
  enum class Kind : std::uint8_t { kNone, kLines, kItems, kText, kCsv, kMoons, kPairs };
  enum class Order : std::uint8_t { kRandom, kSequential };
  Kind kind = Kind::kNone;
  Order order = Order::kRandom;
  bool split = true;
  Dim window = 0;  // how many tokens a sequence has room for
  Dim source = 0;  // pairs: how many tokens the source has room for
  std::int64_t examples = 0;
  double noise = 0;
};

// Something wrong with a declaration; `notes` point at what it depends on.
struct Note {
  Text message;
  Location location;
};
struct Diagnostic {
  Text message;
  Location location;
  std::vector<Note> notes;
};

}  // namespace gradc
