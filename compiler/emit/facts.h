// Facts: what an emitter asks about one kernel, alone in its program (alone.h), answered once.
#pragma once

#include <gradc/dsl.h>
#include <ir/program.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gradc::emit {

using AxisSet = std::uint64_t;  // bit i: axis i of the kernel

constexpr AxisSet set_of(int axis) { return axis < 0 ? 0 : AxisSet{1} << axis; }

// The C++ types of one element: the scalar, and 64 bytes of them.
struct Types {
  const char* real;            // float
  const char* vector;          // f32x16
  const char* integer;         // std::int32_t, as wide as a real number
  const char* integer_vector;  // i32x16
  int lanes;                   // of a vector
};
const Types& types_of(Element real);

// What a buffer's elements are called in C++.
const char* element_type(Element element);

class Facts {
 public:
  // Both must outlive this.
  Facts(const ir::Program& program, const ir::Kernel& kernel);

  const ir::Program& program() const { return program_; }
  const ir::Kernel& kernel() const { return kernel_; }
  const Types& types() const { return types_of(program_.real); }
  const ir::Axis& axis(int axis) const { return kernel_.axes[axis]; }
  const ir::Value& value(int value) const { return kernel_.values[value]; }
  const ir::Buffer& buffer(int buffer) const { return program_.buffers[buffer]; }

  // The axes on which a value depends.
  AxisSet depends(int value) const { return depends_[value]; }
  // Whether a value differs from lane to lane.
  bool varies(int value) const { return (depends_[value] & set_of(kernel_.lanes)) != 0; }
  // How many values that matter, reductions and stores read a value.
  int uses(int value) const { return uses_[value]; }
  bool is_integer(int value) const { return kernel_.values[value].element == Element::kI32; }
  // Whether a value is computed from something in `buffer`.
  bool reads(int value, int buffer) const { return reads_[value][buffer]; }
  bool stores_to(int buffer) const { return stored_[buffer]; }
  // Whether the elements of `buffer` are rounded to fewer bits than the kernel computes with.
  bool is_narrow(int buffer) const {
    const Element element = program_.buffers[buffer].element;
    return element == Element::kBf16 || element == Element::kInt8;
  }

  // Whether the contraction takes two steps of its innermost k at once, as bf16x32 does: both
  // operands are of that element, and such pairs of the left one lie side by side.
  bool in_pairs() const;

  // Whether it is one tile of a stream, which others share out among the members.
  bool is_inside() const { return !kernel_.fixed.empty(); }
  // Whether an axis ends where what is computed sees no more: at a whole vector, or at its extent.
  bool has_limit() const;

  // Whether a vector that reaches beyond the last lane may be stored whole: nothing lies there but
  // the padding of its own row.
  bool stores_whole(const ir::Store& store) const;
  // Whether a load takes its lanes one by one, so that it must know which lanes there are.
  bool loads_by_lane(int value) const;
  bool any_load_by_lane() const;

  int vectors(int axis) const;         // that hold the largest extent of an axis
  int tail(int axis) const;            // lanes in the last of them, 0 if it is full
  bool fills_vectors(int axis) const;  // whether the last of them is full however far it goes
  std::string extent(int axis) const;  // "200", "batch", "batch * 3"

  // The pointers to all buffers and the numbers of all random streams, as parameters of a function
  // with that code and as arguments.
  std::string operand_parameters(const std::string& code) const;
  std::string operand_arguments() const;
  int streams() const { return streams_; }

  // How each axis is called, by its index.
  const std::vector<std::string>& axis_names() const { return axis_names_; }

 private:
  void use(int value);

  const ir::Program& program_;
  const ir::Kernel& kernel_;
  std::vector<AxisSet> depends_;
  std::vector<int> uses_;
  std::vector<std::vector<bool>> reads_;
  std::vector<bool> stored_;
  int streams_ = 0;
  std::vector<std::string> axis_names_;
};

}  // namespace gradc::emit
