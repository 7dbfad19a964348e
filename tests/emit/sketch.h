// Sketch: programs built by hand, a kernel at a time.
//
//   Sketch s(Element::kF32, 32);
//   const int x = s.input("x", {s.batch(), 27}), y = s.output("y", {s.batch(), 27});
//   KernelSketch k(s, "tanh");
//   const int b = k.row(s.batch()), j = k.row(27);
//   k.lanes(j);
//   k.store(k.apply<Tanh>(k.load(x, {b, j})), y, {b, j});
//   ir::Module module = s.module("name");
#pragma once

#include <gradc/dsl.h>

#include <string>
#include <vector>

#include "ir/program.h"

namespace gradc::emit_test {

// An index along one axis of a tensor: coefficient * axis + offset.
struct At {
  int axis = -1;
  std::int64_t coefficient = 1;
  std::int64_t offset = 0;
  At(int its_axis) : axis(its_axis) {}
  At(int its_axis, std::int64_t its_coefficient, std::int64_t its_offset = 0)
      : axis(its_axis), coefficient(its_coefficient), offset(its_offset) {}
  static At only(std::int64_t offset) { return {-1, 0, offset}; }
};

class Sketch {
 public:
  Sketch(Element real, std::int64_t max_batch);

  // The batch, or `times` of it.
  Dim batch(std::int64_t times = 1) const;

  int input(const std::string& name, const Shape& shape);
  int tokens(const std::string& name, const Shape& shape, std::int64_t classes);
  int parameter(const std::string& name, const Shape& shape);
  int setting(const std::string& name, double value);
  int output(const std::string& name, const Shape& shape);
  int temporary(const std::string& name, const Shape& shape);

  // Without padding, for stores that may not reach beyond their rows.
  void pack(int buffer);

  ir::Program& program() { return program_; }
  const Graph& graph() const { return graph_; }

  // A module whose training step is this program, each buffer in a place of its own with `gap`
  // bytes behind it.
  ir::Module module(const std::string& name, std::int64_t gap = 64) const;

 private:
  int leaf(Role role, const std::string& name, const Type& type);
  int buffer(ir::Buffer::Storage storage, const std::string& name, Element element,
             const Shape& shape);

  Graph graph_;
  ir::Program program_;
};

class KernelSketch {
 public:
  // Appends the kernel to the sketch's program when it ends.
  KernelSketch(Sketch& sketch, const std::string& name);
  ~KernelSketch();
  KernelSketch(const KernelSketch&) = delete;
  KernelSketch& operator=(const KernelSketch&) = delete;

  int axis(const Dim& dim, const std::string& name = "");
  int row(const Dim& dim, const std::string& name = "");
  void lanes(int axis) { kernel_.lanes = axis; }
  void sequential() { kernel_.sequential = true; }
  // From here on: a stage over these axes.
  void stage(const std::vector<int>& inner);

  int constant(double number);
  int extent();
  int load(int buffer, const std::vector<At>& at);
  // Row `row`, an i32 value, of a table, and the rest of the index.
  int load_row(int buffer, int row, const std::vector<At>& rest);
  int index(At at);
  int random(int stream, const std::vector<At>& at);
  template <class Block>
  int apply(int a, int b = -1, int c = -1) {
    ir::Value value;
    value.kind = ir::Value::Kind::kApply;
    value.element = real();
    value.op = op_of<Block>;
    for (int operand : {a, b, c})
      if (operand >= 0) value.operands.push_back(operand);
    return add(value);
  }
  int sum(int value) { return reduce(value, false); }
  int max(int value) { return reduce(value, true); }
  // Sum over `k` of left * right.
  int contract(int left, const std::vector<At>& left_at, int right, const std::vector<At>& right_at,
               const std::vector<int>& m, const std::vector<int>& n, const std::vector<int>& k,
               const std::vector<int>& batch = {});

  void store(int value, int buffer, const std::vector<At>& at, bool accumulate = false);
  // At [b, c * width + e] of a matrix.
  void store_split(int value, int buffer, const std::vector<int>& axes, std::int64_t width);
  void store_row(int value, int buffer, int row, const std::vector<At>& rest, bool accumulate);
  void row_store(int value, int buffer, const std::vector<At>& at, bool accumulate = false);

 private:
  Element real() const { return sketch_.program().real; }
  int add(const ir::Value& value);
  int reduce(int value, bool maximum);
  ir::Affine affine(int buffer, const std::vector<At>& at, int from_axis = 0) const;
  ir::Stage& last() { return kernel_.stages.back(); }

  Sketch& sketch_;
  ir::Kernel kernel_;
};

}  // namespace gradc::emit_test
