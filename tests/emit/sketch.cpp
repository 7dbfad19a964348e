#include "emit/sketch.h"

#include "support/intern.h"

namespace gradc::emit_test {
namespace {

std::int64_t rounded(std::int64_t count, std::int64_t unit) {
  return (count + unit - 1) / unit * unit;
}

}  // namespace

Sketch::Sketch(Element real, std::int64_t max_batch) {
  graph_.real = real;
  graph_.name = "sketch";
  graph_.batch_dim = Dim(max_batch, "batch");
  graph_.batch_dim.batched = true;
  program_.name = "sketch";
  program_.real = real;
  program_.max_batch = max_batch;
  program_.has_batch = true;
}

Dim Sketch::batch(std::int64_t times) const {
  Dim dim = graph_.batch_dim;
  dim.size *= times;
  return dim;
}

int Sketch::leaf(Role role, const std::string& name, const Type& type) {
  Attributes attributes;
  attributes.ints.push_back(static_cast<std::int64_t>(graph_.leaves.size()));
  const Tensor tensor = graph_.append(op_of<LeafOp>, {}, attributes, type, {});
  graph_.leaves.push_back({role, Text(name), tensor.node, zeros()});
  const int index = buffer(ir::Buffer::Storage::kLeaf, name, type.element, type.shape);
  program_.buffers[static_cast<std::size_t>(index)].leaf =
      static_cast<int>(graph_.leaves.size()) - 1;
  return index;
}

int Sketch::input(const std::string& name, const Shape& shape) {
  return leaf(Role::kInput, name, {program_.real, shape});
}
int Sketch::tokens(const std::string& name, const Shape& shape, std::int64_t classes) {
  const int index = leaf(Role::kInput, name, {Element::kI32, shape});
  graph_.leaves.back().classes = classes;
  return index;
}
int Sketch::parameter(const std::string& name, const Shape& shape) {
  return leaf(Role::kParameter, name, {program_.real, shape});
}
int Sketch::setting(const std::string& name, double value) {
  const int index = leaf(Role::kSetting, name, {program_.real, {}});
  graph_.leaves.back().initializer.a = value;
  return index;
}
int Sketch::output(const std::string& name, const Shape& shape) {
  return buffer(ir::Buffer::Storage::kOutput, name, program_.real, shape);
}
int Sketch::temporary(const std::string& name, const Shape& shape) {
  return buffer(ir::Buffer::Storage::kTemporary, name, program_.real, shape);
}

int Sketch::buffer(ir::Buffer::Storage storage, const std::string& name, Element element,
                   const Shape& shape) {
  ir::Buffer buffer;
  buffer.name = name;
  buffer.storage = storage;
  buffer.element = element;
  buffer.shape = shape;
  buffer.strides.resize(static_cast<std::size_t>(shape.size()));
  std::int64_t stride = 1;
  for (int axis = shape.size() - 1; axis >= 0; --axis) {
    buffer.strides[static_cast<std::size_t>(axis)] = stride;
    stride *= shape[axis].size;
    if (axis == shape.size() - 1) stride = rounded(stride, 64 / (element == Element::kF64 ? 8 : 4));
  }
  buffer.elements = stride;
  program_.buffers.push_back(buffer);
  return static_cast<int>(program_.buffers.size()) - 1;
}

void Sketch::pack(int index) {
  ir::Buffer& buffer = program_.buffers[static_cast<std::size_t>(index)];
  std::int64_t stride = 1;
  for (int axis = buffer.shape.size() - 1; axis >= 0; --axis) {
    buffer.strides[static_cast<std::size_t>(axis)] = stride;
    stride *= buffer.shape[axis].size;
  }
  buffer.elements = stride;
}

ir::Module Sketch::module(const std::string& name, std::int64_t gap) const {
  ir::Module module;
  module.declared = graph_;
  module.declared.name = Text(name);
  module.train = program_;
  std::int64_t at = gap;
  for (ir::Buffer& buffer : module.train.buffers) {
    buffer.offset = at;
    at = rounded(at + buffer.bytes(), 64) + gap;
  }
  module.arena_bytes = module.check_arena_bytes = at;
  return module;
}

KernelSketch::KernelSketch(Sketch& sketch, const std::string& name) : sketch_(sketch) {
  kernel_.name = name;
  kernel_.stages.emplace_back();
}
KernelSketch::~KernelSketch() { sketch_.program().kernels.push_back(kernel_); }

int KernelSketch::axis(const Dim& dim, const std::string& name) {
  kernel_.axes.push_back({name, dim.size, dim.batched});
  return static_cast<int>(kernel_.axes.size()) - 1;
}
int KernelSketch::row(const Dim& dim, const std::string& name) {
  kernel_.rows.push_back(axis(dim, name));
  return kernel_.rows.back();
}
void KernelSketch::stage(const std::vector<int>& inner) {
  ir::Stage& first = kernel_.stages.front();
  const bool fresh = kernel_.stages.size() == 1 && first.inner.empty() &&
                     first.reductions.empty() && first.stores.empty() && first.row_stores.empty();
  if (!fresh) kernel_.stages.emplace_back();
  last().inner = inner;
}

int KernelSketch::add(const ir::Value& value) {
  kernel_.values.push_back(value);
  return static_cast<int>(kernel_.values.size()) - 1;
}

ir::Affine KernelSketch::affine(int buffer, const std::vector<At>& at, int from_axis) const {
  ir::Affine index;
  const ir::Buffer& b = sketch_.program().buffers[static_cast<std::size_t>(buffer)];
  for (std::size_t i = 0; i < at.size(); ++i) {
    const std::int64_t stride = b.strides[i + static_cast<std::size_t>(from_axis)];
    if (at[i].axis >= 0) index.add(at[i].axis, at[i].coefficient * stride);
    index.offset += at[i].offset * stride;
  }
  return index;
}

int KernelSketch::constant(double number) {
  ir::Value value;
  value.element = real();
  value.number = number;
  return add(value);
}
int KernelSketch::extent() {
  ir::Value value;
  value.kind = ir::Value::Kind::kExtent;
  value.element = real();
  return add(value);
}
int KernelSketch::load(int buffer, const std::vector<At>& at) {
  ir::Value value;
  value.kind = ir::Value::Kind::kLoad;
  value.element = sketch_.program().buffers[static_cast<std::size_t>(buffer)].element;
  value.buffer = buffer;
  value.index = affine(buffer, at);
  return add(value);
}
int KernelSketch::load_row(int buffer, int row, const std::vector<At>& rest) {
  const int index = load(buffer, {});
  ir::Value& value = kernel_.values[static_cast<std::size_t>(index)];
  value.index = affine(buffer, rest, 1);
  value.row = row;
  value.row_stride = sketch_.program().buffers[static_cast<std::size_t>(buffer)].strides[0];
  return index;
}
int KernelSketch::index(At at) {
  ir::Value value;
  value.kind = ir::Value::Kind::kIndex;
  value.element = Element::kI32;
  value.index.add(at.axis, at.coefficient);
  value.index.offset = at.offset;
  return add(value);
}
int KernelSketch::random(int stream, const std::vector<At>& at) {
  ir::Value value;
  value.kind = ir::Value::Kind::kRandom;
  value.element = real();
  value.stream = stream;
  value.operands = {constant(3), constant(5)};
  for (const At& term : at) value.index.add(term.axis, term.coefficient);
  return add(value);
}
int KernelSketch::reduce(int value, bool maximum) {
  ir::Value result;
  result.kind = ir::Value::Kind::kReduced;
  result.element = real();
  const int index = add(result);
  last().reductions.push_back({maximum, value, index});
  return index;
}
int KernelSketch::contract(int left, const std::vector<At>& left_at, int right,
                           const std::vector<At>& right_at, const std::vector<int>& m,
                           const std::vector<int>& n, const std::vector<int>& k,
                           const std::vector<int>& batch) {
  ir::Value result;
  result.kind = ir::Value::Kind::kAccumulator;
  result.element = real();
  const int index = add(result);
  kernel_.contracts = true;
  kernel_.contraction = {left, right, affine(left, left_at), affine(right, right_at), batch, m, n,
                         k,    index};
  kernel_.lanes = n.back();
  return index;
}
void KernelSketch::store(int value, int buffer, const std::vector<At>& at, bool accumulate) {
  last().stores.push_back({value, buffer, affine(buffer, at), -1, 0, accumulate});
}
void KernelSketch::store_split(int value, int buffer, const std::vector<int>& axes,
                               std::int64_t width) {
  ir::Affine index = affine(buffer, {axes[0], axes[2]});
  index.add(axes[1], width);
  last().stores.push_back({value, buffer, index, -1, 0, false});
}
void KernelSketch::store_row(int value, int buffer, int row, const std::vector<At>& rest,
                             bool accumulate) {
  last().stores.push_back({value, buffer, affine(buffer, rest, 1), row,
                           sketch_.program().buffers[static_cast<std::size_t>(buffer)].strides[0],
                           accumulate});
}
void KernelSketch::row_store(int value, int buffer, const std::vector<At>& at, bool accumulate) {
  last().row_stores.push_back({value, buffer, affine(buffer, at), -1, 0, accumulate});
}

}  // namespace gradc::emit_test
