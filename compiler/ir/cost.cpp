#include "ir/cost.h"

#include <gradc/dsl.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "ir/cost_model.h"

namespace gradc::ir {
namespace {

using AxisSet = std::vector<bool>;

std::vector<int> list_of(const AxisSet& axes) {
  std::vector<int> list;
  for (std::size_t axis = 0; axis < axes.size(); ++axis)
    if (axes[axis]) list.push_back(static_cast<int>(axis));
  return list;
}

void include(AxisSet& axes, const Affine& index) {
  for (const Affine::Term& term : index.terms) axes[term.axis] = true;
}

// One way in which a kernel addresses a buffer.
struct Access {
  Affine index;
  AxisSet axes;
};

// The elements of one buffer that a kernel touches: those of each distinct address once, and never
// more than the tensor has.
Amount touched(const Program& program, const Kernel& kernel, const Buffer& buffer,
               const std::vector<Access>& accesses) {
  Amount sum;
  for (const Access& access : accesses) sum += places(program, kernel, list_of(access.axes));
  const auto size = static_cast<double>(elements_of(buffer.shape));
  if (sum.at(program.max_batch) <= size) return sum;
  if (is_batched(buffer.shape)) return {0, size / static_cast<double>(program.max_batch)};
  return {size, 0};
}

class Counter {
 public:
  Counter(const Program& program, const Kernel& kernel) : program_(program), kernel_(kernel) {
    for (const Value& value : kernel.values) {
      AxisSet axes(kernel.axes.size());
      include(axes, value.index);
      if (value.row >= 0) include_all(axes, axes_[value.row]);
      for (const int operand : value.operands) include_all(axes, axes_[operand]);
      if (value.kind == Value::Kind::kReduced || value.kind == Value::Kind::kAccumulator)
        for (const int axis : kernel.rows) axes[axis] = true;
      axes_.push_back(axes);
      if (value.kind == Value::Kind::kLoad) access(reads_, value.buffer, value.index, axes);
      const Amount here = places(program, kernel, list_of(axes));
      if (value.kind == Value::Kind::kApply && is_expensive(value.op)) cost_.calls += here;
      const double cycles = value.kind == Value::Kind::kApply    ? call_cycles(value.op)
                            : value.kind == Value::Kind::kRandom ? call_cycles(op_of<Random>)
                                                                 : 0;
      cost_.call_cycles += {cycles * here.fixed, cycles * here.per_item};
    }
    for (const Stage& stage : kernel.stages) {
      for (const Store& store : stage.stores) add(store);
      for (const Store& store : stage.row_stores) add(store);
    }
    if (kernel.contracts) add(kernel.contraction);
  }

  Cost take() {
    cost_.read = bytes(reads_);
    cost_.written = bytes(writes_);
    return cost_;
  }

 private:
  using Accesses = std::map<int, std::vector<Access>>;  // by buffer

  static void include_all(AxisSet& axes, const AxisSet& more) {
    for (std::size_t axis = 0; axis < axes.size(); ++axis)
      if (more[axis]) axes[axis] = true;
  }

  void access(Accesses& accesses, int buffer, const Affine& index, const AxisSet& axes) {
    std::vector<Access>& list = accesses[buffer];
    for (const Access& known : list)
      if (known.index == index && known.axes == axes) return;
    list.push_back({index, axes});
  }

  void add(const Store& store) {
    AxisSet axes(kernel_.axes.size());
    include(axes, store.index);
    if (store.row >= 0) include_all(axes, axes_[store.row]);
    access(writes_, store.buffer, store.index, axes);
    if (store.accumulate) access(reads_, store.buffer, store.index, axes);
  }

  void add(const Contraction& contraction) {
    AxisSet left(kernel_.axes.size()), right(kernel_.axes.size());
    include(left, contraction.left);
    include(right, contraction.right);
    access(reads_, contraction.left_buffer, contraction.left, left);
    access(reads_, contraction.right_buffer, contraction.right, right);
    std::vector<int> all = kernel_.rows;
    all.insert(all.end(), contraction.k.begin(), contraction.k.end());
    const Amount products = places(program_, kernel_, all);
    cost_.flop += {2 * products.fixed, 2 * products.per_item};
    const auto lane = static_cast<double>(kernel_.axes[kernel_.lanes].extent);
    const double vectors = std::ceil(lane / static_cast<double>(lanes_of(program_.real)));
    cost_.products += {products.fixed * vectors / lane, products.per_item * vectors / lane};
  }

  Amount bytes(const Accesses& accesses) const {
    Amount sum;
    for (const auto& [index, list] : accesses) {
      const Buffer& buffer = program_.buffers[index];
      if (buffer.storage == Buffer::Storage::kLocal) continue;
      const auto width = static_cast<double>(bytes_of(buffer.element));
      const Amount elements = touched(program_, kernel_, buffer, list);
      sum += {width * elements.fixed, width * elements.per_item};
    }
    return sum;
  }

  const Program& program_;
  const Kernel& kernel_;
  std::vector<AxisSet> axes_;  // that a value depends on
  Accesses reads_, writes_;
  Cost cost_;
};

}  // namespace

Amount places(const Program& program, const Kernel& kernel, const std::vector<int>& axes) {
  double count = 1;
  bool batched = false;
  for (const int axis : axes) {
    count *= static_cast<double>(kernel.axes[axis].extent);
    batched = batched || kernel.axes[axis].batched;
  }
  if (batched) return {0, count / static_cast<double>(program.max_batch)};
  return {count, 0};
}

Cost cost_of(const Program& program, const Kernel& kernel) {
  return Counter(program, kernel).take();
}

Cost cost_of(const Program& program, const Unit& unit, int i) {
  const Kernel& kernel = program.kernels[static_cast<std::size_t>(unit.first + i)];
  Cost cost = cost_of(program, kernel);
  if (unit.stream == nullptr) return cost;
  const Stream::Member& member = unit.stream->members[static_cast<std::size_t>(i)];
  const auto queries = static_cast<double>(kernel.axes[member.tile].extent);
  const double seen = unit.stream->causal ? (queries + 1) / (2 * queries) : 1;
  for (Amount* amount : {&cost.flop, &cost.calls}) {
    amount->fixed *= seen;
    amount->per_item *= seen;
  }
  if (member.again) cost.flop = {};
  return cost;
}

Cost cost_of(const Program& program, const Unit& unit) {
  Cost sum;
  for (int i = 0; i < unit.count; ++i) {
    const Cost cost = cost_of(program, unit, i);
    sum.flop += cost.flop;
    sum.products += cost.products;
    sum.calls += cost.calls;
    sum.call_cycles += cost.call_cycles;
    sum.read += cost.read;
    sum.written += cost.written;
  }
  return sum;
}

}  // namespace gradc::ir
