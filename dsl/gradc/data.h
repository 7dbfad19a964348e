// The data sets that a program can train on. Each feeds the model's inputs by name.
#pragma once

#include <gradc/node.h>

namespace gradc {

// kRandom: every example of a batch is drawn uniformly, with replacement. kSequential: in the order
// of the file; the last batch of a pass holds what is left, and the next one starts again from the
// beginning. So each example is seen once a pass, and a batch that holds all is always the same. A
// model that asks for no number of steps is trained for one pass.
using Order = Dataset::Order;

struct LinesOptions {
  Dim window = 1;
  Order order = Order::kRandom;
  bool split = true;  // 80/10/10 by line into train, dev and test; otherwise all is for training
};

// One item a line, for example names. Every position of every item, its end included, is an
// example: "context" [batch, window] holds the characters before it, "target" [batch] the character
// itself. Class 0 is the boundary, which fills the context before an item and ends it.
constexpr Dataset lines(const LinesOptions& options = {}) {
  return {.kind = Dataset::Kind::kLines,
          .order = options.order,
          .split = options.split,
          .window = options.window};
}

// One item a line, each a sequence of its own: "tokens" [batch, window] holds the boundary (class
// 0) and the item, "target" [batch, window] what follows each, the boundary after the last, and
// "weight" [batch, window] is 1 there and 0 where only room is filled. A model that also has an
// input "position" i32 [batch, window] gets several items side by side in a row, as many as fit; it
// counts from 0 within each item.
constexpr Dataset items(const LinesOptions& options = {}) {
  return {.kind = Dataset::Kind::kItems,
          .order = options.order,
          .split = options.split,
          .window = options.window};
}

struct TextOptions {
  Dim window = 1;
  Order order = Order::kRandom;
  bool split = true;
};

// One stream of characters: "tokens" [batch, window] and "target" [batch, window], one later.
constexpr Dataset text(const TextOptions& options = {}) {
  return {.kind = Dataset::Kind::kText,
          .order = options.order,
          .split = options.split,
          .window = options.window};
}

struct CsvOptions {
  Order order = Order::kRandom;
  bool split = true;
};

// Rows of numbers: "features" [batch, columns - 1] and in the last column "label" [batch].
constexpr Dataset csv(const CsvOptions& options = {}) {
  return {.kind = Dataset::Kind::kCsv, .order = options.order, .split = options.split};
}

struct MoonsOptions {
  std::int64_t examples = 100;
  double noise = 0.1;  // standard deviation
};

// Two interleaved half circles: "features" [batch, 2] and "label" [batch], -1 or 1.
constexpr Dataset moons(const MoonsOptions& options = {}) {
  return {.kind = Dataset::Kind::kMoons,
          .order = Order::kSequential,
          .split = false,
          .examples = options.examples,
          .noise = options.noise};
}

struct PairsOptions {
  Dim source = 1;
  Dim window = 1;
  std::int64_t examples = 50'000;  // how many are made if no file is given
  Order order = Order::kRandom;
  bool split = true;  // 80/10/10 into train, dev and test; pairs of one target are in one part
};

// Pairs of a source and a target, in a file one a line with a tab between them; without a file,
// numbers in words and dates in several forms with what they come to. "source" [batch, source]
// holds the characters of the source and "length" i32 [batch] their number; "tokens" [batch,
// window] holds the boundary (class 0) and the target, "target" [batch, window] what follows each,
// the boundary after the last, and "weight" [batch, window] is 1 there and 0 where only room is
// filled.
constexpr Dataset pairs(const PairsOptions& options = {}) {
  return {.kind = Dataset::Kind::kPairs,
          .order = options.order,
          .split = options.split,
          .window = options.window,
          .source = options.source,
          .examples = options.examples};
}

}  // namespace gradc
