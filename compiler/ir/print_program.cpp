#include "ir/print_program.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "ir/cost_model.h"
#include "ir/written.h"

namespace gradc::ir {
namespace {

// The letters that a kernel's buffers stand for themselves.
std::set<std::string> buffer_names(const Program& program, const Kernel& kernel) {
  std::set<std::string> names;
  const auto add = [&](int buffer) {
    if (buffer >= 0) names.insert(program.buffers[buffer].name);
  };
  for (const Value& value : kernel.values) add(value.buffer);
  for (const Stage& stage : kernel.stages)
    for (const auto* stores : {&stage.stores, &stage.row_stores})
      for (const Store& store : *stores) add(store.buffer);
  add(kernel.contraction.left_buffer);
  add(kernel.contraction.right_buffer);
  return names;
}

bool is_short_name(const std::string& name) {
  return !name.empty() && name.size() <= 2 && std::islower(static_cast<unsigned char>(name[0])) &&
         std::isalnum(static_cast<unsigned char>(name.back())) && name != "do" && name != "if" &&
         name != "or" && name != "at";
}

// Writes the formulas of one kernel.
class Formulas {
 public:
  Formulas(const Program& program, const Kernel& kernel)
      : program_(program),
        kernel_(kernel),
        names_(axis_names(program, kernel)),
        uses_(kernel.values.size()),
        written_(kernel.values.size()) {
    for (const Value& value : kernel.values) {
      for (const int operand : value.operands) ++uses_[operand];
      if (value.row >= 0) ++uses_[value.row];
    }
    for (const Stage& stage : kernel.stages) {
      for (const Reduction& reduction : stage.reductions) ++uses_[reduction.value];
      for (const auto* stores : {&stage.stores, &stage.row_stores})
        for (const Store& store : *stores) ++uses_[store.value];
    }
  }

  std::vector<std::string> take() {
    for (const Stage& stage : kernel_.stages) {
      for (const Reduction& reduction : stage.reductions) {
        const std::string value = text(reduction.value);
        const std::string name =
            (reduction.maximum ? "max" : "sum") + std::to_string(++reductions_);
        lines_.push_back(name + " = " + (reduction.maximum ? "max" : "sum") + over(stage.inner) +
                         " of " + value);
        written_[reduction.result] = name;
      }
      for (const Store& store : stage.stores) add(store, stage.inner);
      for (const Store& store : stage.row_stores) add(store, {});
    }
    return std::move(lines_);
  }

 private:
  std::string extent(int axis) const {
    const Axis& a = kernel_.axes[axis];
    if (a.limited) return "limit";
    if (!a.batched) return std::to_string(a.extent);
    const std::int64_t times = a.extent / program_.max_batch;
    return times == 1 ? "batch" : std::to_string(times) + " batch";
  }

  std::string over(const std::vector<int>& axes) const {
    std::string text;
    for (const int axis : axes)
      text += (text.empty() ? " over " : ", ") + names_[axis] + " < " + extent(axis);
    return text;
  }

  // A tensor's element, with the index taken apart into one for each axis of the tensor.
  std::string element(int index, const Affine& affine, int row, std::int64_t row_stride) {
    const Buffer& buffer = program_.buffers[index];
    const int rank = buffer.shape.size();
    if (rank == 0) return buffer.name;
    std::vector<Affine> parts(rank);
    std::vector<int> order;  // axes with more than one place, the outermost in memory first
    for (int axis = 0; axis < rank; ++axis)
      if (buffer.strides[axis] != 0) order.push_back(axis);
    std::ranges::stable_sort(order, std::greater(), [&](int axis) { return buffer.strides[axis]; });
    if (order.empty()) order.push_back(rank - 1);
    const auto divide = [&](std::int64_t coefficient, auto add) {
      for (const int axis : order) {
        const std::int64_t times =
            axis == order.back() ? coefficient : coefficient / buffer.strides[axis];
        if (times != 0) add(parts[axis], times);
        coefficient -= times * buffer.strides[axis];
      }
    };
    for (const Affine::Term& term : affine.terms)
      divide(term.coefficient,
             [&](Affine& part, std::int64_t times) { part.add(term.axis, times); });
    divide(affine.offset, [](Affine& part, std::int64_t times) { part.offset += times; });
    std::string text = buffer.name + "[";
    bool row_shown = row < 0;
    for (int axis = 0; axis < rank; ++axis) {
      std::string part = sum(parts[axis]);
      if (!row_shown && buffer.strides[axis] == row_stride) {
        part = part == "0" ? this->text(row) : this->text(row) + " + " + part;
        row_shown = true;
      }
      text += (axis > 0 ? ", " : "") + part;
    }
    return text + "]";
  }

  std::string sum(const Affine& affine) const {
    std::string text;
    for (const Affine::Term& term : affine.terms) {
      if (!text.empty()) text += " + ";
      if (term.coefficient != 1) text += std::to_string(term.coefficient) + " ";
      text += names_[term.axis];
    }
    if (text.empty()) return std::to_string(affine.offset);
    if (affine.offset != 0) text += " + " + std::to_string(affine.offset);
    return text;
  }

  std::string text(int index) {
    std::string& known = written_[index];
    if (!known.empty()) return known;
    const Value& value = kernel_.values[index];
    if (value.kind == Value::Kind::kApply) return apply(index).text;
    known = leaf(value);
    return known;
  }

  std::string leaf(const Value& value) {
    switch (value.kind) {
      case Value::Kind::kConstant:
        return formula_notation().number(value.number);
      case Value::Kind::kExtent:
        return "batch";
      case Value::Kind::kLoad:
        return element(value.buffer, value.index, value.row, value.row_stride);
      case Value::Kind::kIndex:
        return "(" + sum(value.index) + ")";
      case Value::Kind::kRandom:
        return "random" + std::to_string(value.stream) + "(" + text(value.operands[0]) + ", " +
               text(value.operands[1]) + ")[" + sum(value.index) + "]";
      case Value::Kind::kAccumulator:
        return products();
      default:
        return "?";
    }
  }

  // An application that is read more than once gets a line of its own.
  Written apply(int index) {
    if (!written_[index].empty()) return {formula_notation(), written_[index]};
    const Value& value = kernel_.values[index];
    std::vector<Written> operands;
    for (const int operand : value.operands) {
      if (kernel_.values[operand].kind == Value::Kind::kApply)
        operands.push_back(apply(operand));
      else
        operands.emplace_back(formula_notation(), text(operand));
    }
    Written written = ir::apply(value.op, operands);
    if (uses_[index] < 2 && written.text.size() < 90) return written;
    written_[index] = "t" + std::to_string(index);
    lines_.push_back(written_[index] + " = " + written.text);
    return {formula_notation(), written_[index]};
  }

  std::string products() {
    const Contraction& c = kernel_.contraction;
    return "(sum" + over(c.k) + " of " + element(c.left_buffer, c.left, -1, 0) + " * " +
           element(c.right_buffer, c.right, -1, 0) + ")";
  }

  void add(const Store& store, const std::vector<int>& inner) {
    const std::string value = text(store.value);
    std::string line = element(store.buffer, store.index, store.row, store.row_stride);
    line += (store.accumulate ? " += " : " = ") + value;
    if (!inner.empty()) line += "   for" + over(inner).substr(5);
    lines_.push_back(line);
  }

  const Program& program_;
  const Kernel& kernel_;
  std::vector<std::string> names_;
  std::vector<int> uses_;
  std::vector<std::string> written_;
  std::vector<std::string> lines_;
  int reductions_ = 0;
};

}  // namespace

std::vector<std::string> axis_names(const Program& program, const Kernel& kernel) {
  std::set<std::string> taken = buffer_names(program, kernel);
  std::vector<std::string> names(kernel.axes.size());
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    const std::string& own = kernel.axes[axis].name;
    if (is_short_name(own) && taken.insert(own).second) names[axis] = own;
  }
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    if (!names[axis].empty()) continue;
    std::string letters = kernel.axes[axis].batched ? "bijklmnpqrst" : "ijklmnpqrst";
    for (const char letter : letters) {
      const std::string name(1, letter);
      if (names[axis].empty() && taken.insert(name).second) names[axis] = name;
    }
    if (names[axis].empty()) names[axis] = "i" + std::to_string(axis);
  }
  return names;
}

std::string place_of(const Program& program, const Location& location) {
  if (location.file < 0 || location.file >= static_cast<int>(program.files.size())) return "";
  const std::string& file = program.files[location.file];
  return file.substr(file.find_last_of('/') + 1) + ":" + std::to_string(location.line);
}

std::string describe(const Buffer& buffer) { return buffer.name + to_text(buffer.shape).str(); }

std::string grouped(double count) {
  std::string digits = std::to_string(std::llround(count));
  for (int at = static_cast<int>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::vector<std::string> formulas(const Program& program, const Kernel& kernel) {
  return Formulas(program, kernel).take();
}

namespace {

// To two figures: no model of a machine knows more.
double rounded(double number) {
  double unit = 1;
  while (number / unit >= 100) unit *= 10;
  return std::round(number / unit) * unit;
}

std::string counts(const Program& program, const Unit& unit, int i) {
  const Cost cost = cost_of(program, unit, i);
  const std::int64_t batch = program.max_batch;
  std::string text;
  if (cost.flop.at(batch) > 0) text += grouped(cost.flop.at(batch)) + " FLOP, ";
  if (cost.calls.at(batch) > 0) text += grouped(cost.calls.at(batch)) + " calls, ";
  const double cycles = std::max(1.0, rounded(predicted_cycles(program, unit, i)));
  return text + grouped(cost.read.at(batch)) + " bytes in, " + grouped(cost.written.at(batch)) +
         " out, about " + grouped(cycles) + (cycles == 1 ? " cycle" : " cycles");
}

std::string print_kernel(const Program& program, const Unit& unit, int i) {
  const Kernel& kernel = program.kernels[static_cast<std::size_t>(unit.first + i)];
  std::string text = "\nkernel " + std::to_string(unit.first + i) + "  " + kernel.name;
  const std::string place = place_of(program, kernel.source);
  if (!place.empty()) text += "  (" + place + ")";
  text += "\n";
  const std::vector<std::string> names = axis_names(program, kernel);
  if (!kernel.rows.empty()) {
    text += "  for";
    for (std::size_t row = 0; row < kernel.rows.size(); ++row) {
      const Axis& axis = kernel.axes[kernel.rows[row]];
      text += (row > 0 ? ", " : " ") + names[kernel.rows[row]] + " < " +
              std::to_string(axis.extent) + (axis.batched ? "*" : "");
    }
    if (kernel.sequential) text += ", in order";
    text += "\n";
  }
  if (kernel.lanes >= 0) text += "  lanes " + names[kernel.lanes] + "\n";
  for (const std::string& line : formulas(program, kernel)) text += "    " + line + "\n";
  return text + "  " + counts(program, unit, i) + "\n";
}

}  // namespace

std::string print(const Program& program) {
  std::string text = "program " + program.name;
  if (program.has_batch) text += ", batch up to " + std::to_string(program.max_batch);
  text += "\n";
  for (const Stream& stream : program.streams) {
    const std::size_t last = static_cast<std::size_t>(stream.first) + stream.members.size() - 1;
    const Kernel& kernel = program.kernels[static_cast<std::size_t>(stream.first)];
    text += "\nstream of kernels " + std::to_string(stream.first) + " to " + std::to_string(last) +
            ", " + std::to_string(stream.tile) + " of " +
            std::to_string(kernel.axes[stream.members.front().tile].extent) + " rows at a time" +
            (stream.causal ? ", causal" : "") + "\n";
  }
  for (const Unit& unit : units_of(program))
    for (int i = 0; i < unit.count; ++i) text += print_kernel(program, unit, i);
  return text;
}

}  // namespace gradc::ir
