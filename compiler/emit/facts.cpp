#include "emit/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "emit/alone.h"
#include "emit/layout.h"
#include "ir/print_program.h"
#include "support/check.h"

namespace gradc::emit {

using ir::Affine;
using ir::Value;

const Types& types_of(Element real) {
  static constexpr Types kF32{"float", "f32x16", "std::int32_t", "i32x16", 16};
  static constexpr Types kF64{"double", "f64x8", "std::int64_t", "i64x8", 8};
  return real == Element::kF64 ? kF64 : kF32;
}

const char* element_type(Element element) {
  switch (element) {
    case Element::kF32:
      return "float";
    case Element::kF64:
      return "double";
    case Element::kBf16:
      return "bf16";
    case Element::kInt8:
      return "std::int8_t";
    default:
      return "std::int32_t";
  }
}

namespace {

AxisSet axes_of(const Affine& index) {
  AxisSet set = 0;
  for (const Affine::Term& term : index.terms) set |= set_of(term.axis);
  return set;
}

}  // namespace

Facts::Facts(const ir::Program& program, const ir::Kernel& kernel)
    : program_(program), kernel_(kernel), axis_names_(ir::axis_names(program, kernel)) {
  CHECK(kernel.axes.size() <= 64);
  uses_.resize(kernel.values.size());
  stored_.resize(program.buffers.size());
  AxisSet rows = 0;
  for (const int axis : kernel.rows) rows |= set_of(axis);
  for (const Value& value : kernel.values) {
    AxisSet set = axes_of(value.index);
    std::vector<bool> reads(program.buffers.size());
    if (value.kind == Value::Kind::kLoad) reads[value.buffer] = true;
    if (value.kind == Value::Kind::kRandom) streams_ = std::max(streams_, value.stream + 1);
    const auto read = [&](int operand) {
      set |= depends_[operand];
      for (std::size_t i = 0; i < reads.size(); ++i)
        if (reads_[operand][i]) reads[i] = true;
    };
    if (value.row >= 0) read(value.row);
    for (const int operand : value.operands) read(operand);
    if (value.kind == Value::Kind::kReduced || value.kind == Value::Kind::kAccumulator) set = rows;
    depends_.push_back(set);
    reads_.push_back(std::move(reads));
  }
  for (const ir::Stage& stage : kernel.stages) {
    for (const ir::Reduction& reduction : stage.reductions) use(reduction.value);
    for (const auto* stores : {&stage.stores, &stage.row_stores}) {
      for (const ir::Store& store : *stores) {
        use(store.value);
        if (store.row >= 0) use(store.row);
        stored_[store.buffer] = true;
      }
    }
  }
}

// Counts one reader, and with the first one what the value itself reads.
void Facts::use(int index) {
  if (uses_[index]++ > 0) return;
  const Value& value = kernel_.values[index];
  if (value.row >= 0) use(value.row);
  for (const int operand : value.operands) use(operand);
}

bool Facts::in_pairs() const {
  const ir::Contraction& c = kernel_.contraction;
  return kernel_.contracts && !c.k.empty() && buffer(c.left_buffer).element == Element::kBf16 &&
         buffer(c.right_buffer).element == Element::kBf16 && c.left.coefficient(c.k.back()) == 1;
}

bool Facts::has_limit() const {
  return std::any_of(kernel_.axes.begin(), kernel_.axes.end(),
                     [](const ir::Axis& axis) { return axis.limited; });
}

int Facts::vectors(int axis) const {
  const std::int64_t lanes = types().lanes;
  return static_cast<int>((kernel_.axes[axis].extent + lanes - 1) / lanes);
}

int Facts::tail(int axis) const {
  return static_cast<int>(kernel_.axes[axis].extent % types().lanes);
}

bool Facts::fills_vectors(int axis) const {
  const ir::Axis& a = kernel_.axes[axis];
  return tail(axis) == 0 && (a.limited || !a.batched);
}

bool Facts::stores_whole(const ir::Store& store) const {
  const int axis = kernel_.lanes;
  const std::int64_t extent = kernel_.axes[axis].extent;
  const std::int64_t whole = std::int64_t{vectors(axis)} * types().lanes;
  const ir::Buffer& target = buffer(store.buffer);
  if (store.index.coefficient(axis) != 1 || store.index.offset != 0) return false;
  CHECK(target.element != Element::kI32, target.name);
  if (store.row >= 0 && (varies(store.row) || std::abs(store.row_stride) < whole)) return false;
  for (const Affine::Term& term : store.index.terms)
    if (term.axis != axis && kernel_.axes[term.axis].extent > 1 &&
        std::abs(term.coefficient) < whole)
      return false;
  // What follows the last lane in its row is padding only if the axis is as long as the row, and no
  // other axis lies within the row.
  for (int i = 0; i < target.shape.size(); ++i) {
    if (target.shape[i].size == 1) continue;
    const std::int64_t stride = target.strides[i];
    if (stride == 1 ? target.shape[i].size > extent : stride < whole) return false;
  }
  return true;
}

bool Facts::loads_by_lane(int index) const {
  const Value& value = kernel_.values[index];
  if (value.kind != Value::Kind::kLoad || !varies(index)) return false;
  return (value.row >= 0 && varies(value.row)) || value.index.coefficient(kernel_.lanes) != 1;
}

bool Facts::any_load_by_lane() const {
  for (std::size_t i = 0; i < kernel_.values.size(); ++i)
    if (uses_[i] > 0 && loads_by_lane(static_cast<int>(i))) return true;
  return false;
}

std::string Facts::operand_parameters(const std::string& code) const {
  std::string text;
  for (std::size_t i = 0; i < program_.buffers.size(); ++i) {
    const ir::Buffer& buffer = program_.buffers[i];
    text += fmt::format(
        "{}{}{}*{}", i > 0 ? ", " : "", stores_to(static_cast<int>(i)) ? "" : "const ",
        element_type(buffer.element), mentions(code, buffer.name) ? " " + buffer.name : "");
  }
  for (int i = 0; i < streams_; ++i) {
    const std::string name = stream_name(i);
    text += ", std::uint32_t" + (mentions(code, name) ? " " + name : "");
  }
  return text;
}

std::string Facts::operand_arguments() const {
  std::string text;
  for (const ir::Buffer& buffer : program_.buffers)
    text += (text.empty() ? "" : ", ") + buffer.name;
  for (int i = 0; i < streams_; ++i) text += ", " + stream_name(i);
  return text;
}

std::string Facts::extent(int axis) const {
  const ir::Axis& a = kernel_.axes[axis];
  if (a.limited) return "limit";
  if (!a.batched) return fmt::format("{}", a.extent);
  CHECK(a.extent % program_.max_batch == 0, a.name);
  const std::int64_t times = a.extent / program_.max_batch;
  return times == 1 ? "batch" : fmt::format("batch * {}", times);
}

}  // namespace gradc::emit
