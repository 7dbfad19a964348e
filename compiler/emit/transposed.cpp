#include "emit/transposed.h"

#include <fmt/format.h>

#include <cstdlib>

#include "emit/nest.h"

namespace gradc::emit {
namespace {

const ir::Store& store_of(const ir::Kernel& kernel) { return kernel.stages.front().stores.front(); }

// The row axis along which the loaded elements are neighbours; -1: none.
int neighbour_axis(const ir::Kernel& kernel, const ir::Value& value) {
  for (const int axis : kernel.rows)
    if (axis != kernel.lanes && value.index.coefficient(axis) == 1) return axis;
  return -1;
}

// "v0, v1, ..." or with another word before each.
std::string vectors(int count, const std::string& before) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("{}{}v{}", i > 0 ? ", " : "", before, i);
  return text;
}

std::string helper_for(Element real, bool any_element) {
  const Types& types = types_of(real);
  std::string text = fmt::format(
      "{2}inline void {4}(const {0}* from, std::int64_t from_stride, int rows, {3}* to,\n"
      "std::int64_t to_stride, int columns) {{\n"
      "const auto row = [&](int i) GRADC_INLINE_LAMBDA {{\n"
      "return load<{1}>(from + (i < rows ? i : 0) * from_stride);\n}};\n",
      any_element ? "From" : types.real, types.vector,
      any_element ? "template <class From, class To>\n" : "", any_element ? "To" : types.real,
      transpose_block_name(real));
  text += types.vector;
  for (int i = 0; i < types.lanes; ++i)
    text += fmt::format("{} v{} = row({})", i > 0 ? "," : "", i, i);
  text += fmt::format(";\ntranspose({});\n", vectors(types.lanes, ""));
  text += fmt::format(
      "const auto column = [&](int i, {} v) GRADC_INLINE_LAMBDA {{\n"
      "if (i >= columns) return;\n"
      "if (rows == {}) store(to + i * to_stride, v);\n"
      "else store_first(to + i * to_stride, v, rows);\n}};\n",
      types.vector, types.lanes);
  for (int i = 0; i < types.lanes; ++i) text += fmt::format("column({0}, v{0});\n", i);
  return text + "}\n\n";
}

}  // namespace

bool is_transposed_copy(const Facts& facts) {
  const ir::Kernel& kernel = facts.kernel();
  if (kernel.contracts || kernel.lanes < 0 || kernel.stages.size() != 1) return false;
  const ir::Stage& stage = kernel.stages.front();
  if (!stage.inner.empty() || !stage.reductions.empty() || !stage.row_stores.empty() ||
      stage.stores.size() != 1)
    return false;
  const ir::Store& store = stage.stores.front();
  const ir::Value& value = facts.value(store.value);
  return value.kind == ir::Value::Kind::kLoad && value.element == facts.program().real &&
         facts.buffer(store.buffer).element != Element::kI32 && value.row < 0 && store.row < 0 &&
         !store.accumulate && store.index.coefficient(kernel.lanes) == 1 &&
         std::abs(value.index.coefficient(kernel.lanes)) > 1 &&
         neighbour_axis(kernel, value) >= 0 && is_shared(kernel);
}

void emit_transposed_copy(Body& body) {
  const Facts& facts = body.facts();
  const ir::Kernel& kernel = facts.kernel();
  const ir::Store& store = store_of(kernel);
  const ir::Value& value = facts.value(store.value);
  const int lanes = facts.types().lanes, along = neighbour_axis(kernel, value);
  bool shared = false;
  int open = 0;
  const auto loop = [&](int axis, int step) {
    const std::string& name = facts.axis_names()[axis];
    std::string begin = "0", end = facts.extent(axis);
    if (!shared) {
      std::string count = end;
      if (step > 1 && facts.axis(axis).batched)
        count = fmt::format("({} + {}) / {}", end, step - 1, step);
      else if (step > 1)
        count = std::to_string(facts.vectors(axis));
      body.line(fmt::format("const Range part = share({}, member, members);", count));
      const std::string times = step == 1 ? "" : fmt::format(" * {}", step);
      begin = "part.begin" + times;
      end = "part.end" + times;
      shared = true;
    }
    body.open(
        fmt::format("for (std::int64_t {0} = {1}; {0} < {2}; {0} += {3})", name, begin, end, step),
        set_of(axis));
    ++open;
  };
  for (const int axis : kernel.rows)
    if (axis != kernel.lanes && axis != along) loop(axis, 1);
  loop(kernel.lanes, lanes);
  loop(along, lanes);
  const auto rest = [&](int axis) {
    return fmt::format("static_cast<int>(std::min<std::int64_t>({}, {} - {}))", lanes,
                       facts.extent(axis), facts.axis_names()[axis]);
  };
  body.line(fmt::format("const int rows = {};", rest(kernel.lanes)));
  body.line(fmt::format("const int columns = {};", rest(along)));
  body.line(fmt::format(
      "{}({} + {}, {}, rows, {} + {}, {}, columns);", transpose_block_name(facts.program().real),
      body.pointer(value.buffer), body.index(value.index, 0), value.index.coefficient(kernel.lanes),
      body.pointer(store.buffer), body.index(store.index, 0), store.index.coefficient(along)));
  while (open-- > 0) body.close();
}

const char* transpose_block_name(Element real) {
  return real == Element::kF64 ? "transpose_block64" : "transpose_block";
}

std::string transpose_block_helper(Element real, bool any_element) {
  return "// Exchanges the axes of a block: `rows` rows of `columns` elements at `from`, no more "
         "of\n"
         "// either than a vector has lanes.\n" +
         helper_for(real, any_element);
}

}  // namespace gradc::emit
