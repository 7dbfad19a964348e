// Pool: the tensors of a random graph in the making, from which further ones are made.
#pragma once

#include <graphs/dice.h>
#include <graphs/generate.h>

#include <map>
#include <vector>

namespace gradc::graphs {

class Pool {
 public:
  static constexpr std::int64_t kMaxElements = 4096;  // of a tensor

  Pool(std::uint64_t seed, const GenerateOptions& its_options);

  // Adds a tensor of at most that magnitude, made smaller if it is too large.
  Tensor keep(Tensor tensor, double bound);
  double bound(Tensor tensor) const { return bounds.at(tensor.node); }
  // One of them, late ones more often, so that graphs become deep.
  Tensor any();
  // x in [low, high], by a smooth map where it may lie outside.
  Tensor within(Tensor x, double low, double high);
  // Whether a tensor of that shape may be made.
  static bool fits(const Shape& shape);

  Dim extent();
  Shape shape(bool batched);
  // An axis of x that is not batched; -1: none.
  int static_axis(Tensor x);

  Text fresh(const char* name);
  Tensor input(const Shape& shape);
  Tensor parameter(const Shape& shape);
  Tensor state(const Shape& shape);
  // Indices for each row of the batch, or for several places of each.
  Tensor tokens(std::int64_t classes);
  // The leaves that every graph has.
  void leaves();

  Dice dice;
  const GenerateOptions& options;
  Graph graph;
  std::vector<Dim> dims;  // that occur in its leaves
  std::vector<Tensor> tensors;
  std::map<int, double> bounds;  // by node

 private:
  int leaf_count_ = 0;
};

}  // namespace gradc::graphs
