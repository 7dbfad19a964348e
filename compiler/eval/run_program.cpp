#include "eval/run_program.h"

#include <algorithm>
#include <limits>

#include "eval/philox.h"
#include "eval/real.h"
#include "ir/visit.h"
#include "support/check.h"

namespace gradc::eval {

namespace {

using ir::Kernel;
using ir::Value;

constexpr double kUnwritten = std::numeric_limits<double>::quiet_NaN();

class Runner {
 public:
  Runner(const ir::Program& program, const Bindings& bindings, Memory& memory)
      : program_(program),
        batch_(bindings.batch == 0 ? program.max_batch : bindings.batch),
        memory_(memory) {}

  void run(const Kernel& kernel) {
    if (kernel.first && at(program_.present, 0) != 0) return;
    kernel_ = &kernel;
    place_.assign(kernel.axes.size(), 0);
    bound_.assign(kernel.values.size(), kUnwritten);
    if (!kernel.contracts) {
      loop(kernel.rows, 0, [&] { run_row(); });
      return;
    }
    const ir::Contraction& contraction = kernel.contraction;
    loop(kernel.rows, 0, [&] {
      double sum = 0;
      loop(contraction.k, 0, [&] {
        sum += at(contraction.left_buffer, offset(contraction.left)) *
               at(contraction.right_buffer, offset(contraction.right));
      });
      bound_[contraction.result] = sum;
      run_row();
    });
  }

 private:
  template <class F>
  void loop(const std::vector<int>& axes, std::size_t depth, F body) {
    if (depth == axes.size()) return body();
    const ir::Axis& axis = kernel_->axes[axes[depth]];
    const std::int64_t extent =
        axis.batched ? axis.extent / program_.max_batch * batch_ : axis.extent;
    for (place_[axes[depth]] = 0; place_[axes[depth]] < extent; ++place_[axes[depth]])
      loop(axes, depth + 1, body);
    place_[axes[depth]] = 0;
  }

  void run_row() {
    for (const ir::Stage& stage : kernel_->stages) {
      std::vector<double> folded;
      for (const ir::Reduction& reduction : stage.reductions)
        folded.push_back(reduction.maximum ? -std::numeric_limits<double>::infinity() : 0);
      loop(stage.inner, 0, [&] {
        for (std::size_t i = 0; i < folded.size(); ++i) {
          const double value = value_of(stage.reductions[i].value);
          if (stage.reductions[i].maximum)
            folded[i] = folded[i] < value ? value : folded[i];
          else
            folded[i] += value;
        }
        store(stage.stores);
      });
      for (std::size_t i = 0; i < folded.size(); ++i)
        bound_[stage.reductions[i].result] = folded[i];
      store(stage.row_stores);
    }
  }

  // All values of a place are computed before the first is stored.
  void store(const std::vector<ir::Store>& stores) {
    std::vector<double> values;
    for (const ir::Store& store : stores) values.push_back(value_of(store.value));
    for (std::size_t i = 0; i < stores.size(); ++i) {
      const ir::Store& store = stores[i];
      double& element = at(store.buffer, offset(store.index) + row(store.row, store.row_stride));
      if (store.accumulate)
        element += values[i];
      else
        element = values[i];
    }
  }

  std::int64_t offset(const ir::Affine& index) const {
    std::int64_t place = index.offset;
    for (const ir::Affine::Term& term : index.terms) place += term.coefficient * place_[term.axis];
    return place;
  }
  std::int64_t row(int value, std::int64_t stride) {
    return value < 0 ? 0 : static_cast<std::int64_t>(value_of(value)) * stride;
  }
  double& at(int buffer, std::int64_t element) {
    CHECK(element >= 0 && element < program_.buffers[buffer].elements,
          "element " + std::to_string(element) + " of " + program_.buffers[buffer].name);
    return memory_[buffer][element];
  }

  double value_of(int id) {
    const Value& value = kernel_->values[id];
    switch (value.kind) {
      case Value::Kind::kConstant:
        return value.number;
      case Value::Kind::kExtent:
        return static_cast<double>(batch_);
      case Value::Kind::kLoad:
        return at(value.buffer, offset(value.index) + row(value.row, value.row_stride));
      case Value::Kind::kIndex:
        return static_cast<double>(offset(value.index));
      case Value::Kind::kRandom:
        return uniform(static_cast<std::uint64_t>(value_of(value.operands[0])),
                       static_cast<std::uint32_t>(value.stream),
                       static_cast<std::uint64_t>(value_of(value.operands[1])),
                       static_cast<std::uint64_t>(offset(value.index)));
      case Value::Kind::kReduced:
      case Value::Kind::kAccumulator:
        return bound_[id];
      case Value::Kind::kApply:
        break;
    }
    const auto apply = [&]<class Block>() -> double {
      if constexpr (ir::kHasBody<Block>) {
        const auto x = [&](int i) { return Real(value_of(value.operands[i])); };
        if constexpr (Block::arity == 1)
          return Real(Block::body(x(0))).value;
        else if constexpr (Block::arity == 2)
          return Real(Block::body(x(0), x(1))).value;
        else
          return Real(Block::body(x(0), x(1), x(2))).value;
      }
      CHECK(false, "only elementwise ops are applied in a kernel");
    };
    return ir::visit(value.op, apply);
  }

  const ir::Program& program_;
  const std::int64_t batch_;
  Memory& memory_;
  const Kernel* kernel_ = nullptr;
  std::vector<std::int64_t> place_;  // by axis
  std::vector<double> bound_;        // by value: what reductions and contractions have summed
};

// Calls f(position in row-major order at the running batch, element in the buffer).
template <class F>
void for_each_element(const ir::Program& program, const ir::Buffer& buffer, std::int64_t batch,
                      F f) {
  std::vector<std::int64_t> extents;
  for (const Dim& dim : buffer.shape)
    extents.push_back(dim.batched ? dim.size / program.max_batch * batch : dim.size);
  std::size_t position = 0;
  for_each_index(extents, [&](const std::vector<std::int64_t>& index) {
    std::int64_t element = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis)
      element += index[axis] * buffer.strides[axis];
    f(position++, element);
  });
}

std::int64_t batch_of(const ir::Program& program, const Bindings& bindings) {
  return bindings.batch == 0 ? program.max_batch : bindings.batch;
}

}  // namespace

Memory make_memory(const ir::Program& program, const Graph& graph, const Bindings& bindings) {
  Memory memory;
  for (const ir::Buffer& buffer : program.buffers) {
    std::vector<double> elements(static_cast<std::size_t>(buffer.elements), kUnwritten);
    if (buffer.leaf >= 0) {
      const Leaf& leaf = graph.leaves[buffer.leaf];
      const auto given = bindings.leaves.find(leaf.name.str());
      for_each_element(program, buffer, batch_of(program, bindings),
                       [&](std::size_t position, std::int64_t element) {
                         elements[element] = given == bindings.leaves.end()
                                                 ? leaf.initializer.a
                                                 : given->second[position];
                       });
    }
    memory.push_back(std::move(elements));
  }
  return memory;
}

void run_program(const ir::Program& program, const Bindings& bindings, Memory& memory) {
  Runner runner(program, bindings, memory);
  for (const Kernel& kernel : program.kernels) runner.run(kernel);
}

Array read_buffer(const ir::Program& program, const Memory& memory, int buffer,
                  std::int64_t batch) {
  const ir::Buffer& from = program.buffers[buffer];
  std::vector<std::int64_t> extents;
  for (const Dim& dim : from.shape)
    extents.push_back(dim.batched ? dim.size / program.max_batch * batch : dim.size);
  Array array(extents);
  for_each_element(program, from, batch, [&](std::size_t position, std::int64_t element) {
    array.elements[position] = memory[buffer][element];
  });
  return array;
}

}  // namespace gradc::eval
