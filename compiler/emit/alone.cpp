#include "emit/alone.h"

#include <algorithm>
#include <string>

#include "emit/names.h"

namespace gradc::emit {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Extraction {
 public:
  explicit Extraction(const ir::Program& program)
      : program_(program), renamed_(program.buffers.size(), -1) {}

  Alone run(ir::Kernel kernel) {
    one_.program.name = program_.name;
    one_.program.real = program_.real;
    one_.program.max_batch = program_.max_batch;
    one_.program.has_batch = program_.has_batch;
    kernel.source = {};
    kernel.name.clear();
    for (ir::Value& value : kernel.values)
      if (value.kind == ir::Value::Kind::kRandom) draw(value.stream);
    for (std::size_t i = 0; i < one_.streams.size(); ++i)
      names_.take(stream_name(static_cast<int>(i)));
    if (kernel.contracts) {
      use(kernel.contraction.left_buffer);
      use(kernel.contraction.right_buffer);
    }
    for (ir::Value& value : kernel.values)
      if (value.kind == ir::Value::Kind::kLoad) use(value.buffer);
    for (ir::Stage& stage : kernel.stages)
      for (auto* stores : {&stage.stores, &stage.row_stores})
        for (ir::Store& store : *stores) {
          use(store.buffer);
          store.value = unrounded(kernel, store);
        }
    one_.program.kernels.push_back(std::move(kernel));
    return std::move(one_);
  }

 private:
  void draw(int& stream) {
    const auto known = std::find(one_.streams.begin(), one_.streams.end(), stream);
    const auto index = known - one_.streams.begin();
    if (known == one_.streams.end()) one_.streams.push_back(stream);
    stream = static_cast<int>(index);
  }

  void use(int& buffer) {
    int& known = renamed_[static_cast<std::size_t>(buffer)];
    if (known < 0) {
      known = static_cast<int>(one_.buffers.size());
      one_.buffers.push_back(buffer);
      ir::Buffer copy = program_.buffers[static_cast<std::size_t>(buffer)];
      copy.name = names_.take(identifier(general_name(copy)));
      copy.offset = -1;
      one_.program.buffers.push_back(std::move(copy));
    }
    buffer = known;
  }

  // What is stored, without a rounding that storing it does.
  int unrounded(const ir::Kernel& kernel, const ir::Store& store) const {
    const ir::Value& value = kernel.values[static_cast<std::size_t>(store.value)];
    const Element element = one_.program.buffers[static_cast<std::size_t>(store.buffer)].element;
    const bool same = value.kind == ir::Value::Kind::kApply && element != Element::kF32 &&
                      ir::rounded_element(value.op) == element;
    return same ? value.operands[0] : store.value;
  }

  const ir::Program& program_;
  std::vector<int> renamed_;
  Names names_;
  Alone one_;
};

}  // namespace

// What stands behind the last number of a path: layers differ in theirs. Without the number at the
// end of a name that no model has declared: a temporary's, and that of a decoder's cache.
std::string general_name(const ir::Buffer& buffer) {
  std::string name = buffer.name;
  if (buffer.storage == ir::Buffer::Storage::kTemporary ||
      buffer.storage == ir::Buffer::Storage::kLocal || name.starts_with("decode/")) {
    while (!name.empty() && is_digit(name.back())) name.pop_back();
    return name;
  }
  for (std::size_t at = name.size(); at-- > 0;) {
    const std::size_t end = name.find('/', at);
    const bool whole = is_digit(name[at]) && end != std::string::npos &&
                       (at == 0 || name[at - 1] == '/' || is_digit(name[at - 1])) &&
                       std::all_of(name.begin() + static_cast<std::ptrdiff_t>(at),
                                   name.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
    if (whole) return name.substr(end + 1);
  }
  return name;
}

std::string stream_name(int index) {
  return index == 0 ? "stream" : "stream_" + std::to_string(index + 1);
}

Alone alone(const ir::Program& program, const ir::Kernel& kernel) {
  return Extraction(program).run(kernel);
}

}  // namespace gradc::emit
