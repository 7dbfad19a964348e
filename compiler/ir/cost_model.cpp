#include "ir/cost_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "ir/visit.h"
#include "ir/written.h"
#include "support/check.h"

namespace gradc::ir {
namespace {

enum class Effort : std::uint8_t { kLittle, kDivision, kFunction };

// Read off what the op writes, so that a new op needs no line here.
template <class Block>
Effort effort_of() {
  if constexpr (Block::kind == Kind::kRandom) return Effort::kFunction;
  if constexpr (kHasBody<Block>) {
    const Written x(formula_notation(), "x");
    const Written operands[kMaxOperands] = {x, x, x};
    const std::string text =
        apply(op_of<Block>, {operands, static_cast<std::size_t>(Block::arity)}).text;
    const auto holds = [&](const char* mark) { return text.find(mark) != std::string::npos; };
    for (const char* function : {"exp(", "log(", "tanh(", "sigmoid(", "erf(", "sin(", "cos("})
      if (holds(function)) return Effort::kFunction;
    if (holds("sqrt(") || holds("/")) return Effort::kDivision;
  }
  return Effort::kLittle;
}

template <class... Blocks>
std::array<Effort, sizeof...(Blocks)> efforts_of(OpList<Blocks...>) {
  return {effort_of<Blocks>()...};
}

Effort effort(Op op) {
  static const auto efforts = efforts_of(Ops{});
  return efforts[static_cast<std::size_t>(op)];
}

}  // namespace

bool is_transcendental(Op op) { return effort(op) == Effort::kFunction; }

bool is_expensive(Op op) { return effort(op) != Effort::kLittle; }

double call_cycles(Op op) {
  switch (effort(op)) {
    case Effort::kLittle:
      return 0;
    case Effort::kDivision:
      return 6;
    case Effort::kFunction:
      return 16;
  }
  return 0;
}

bool is_worth_storing(double readers, double elements_read, double own_elements) {
  constexpr double kTimes = 2;  // what is stored is written, and read again
  return (readers - 1) * (elements_read - own_elements) > kTimes * own_elements;
}

std::vector<int> most_rows(int registers) {
  switch (registers) {
    case 32:
      return {12, 12, 8, 6};
    case 8:
      return {6};
    case 4:
      return {2};
    default:
      CHECK(false, std::to_string(registers) + " registers");
      return {};
  }
}

// There is one multiply-add a cycle and one load; sums that are fewer than kChains wait for each
// other; and a vector that few rows share is loaded again for each of them (by g++, which has it as
// an operand in memory).
double step_cycles(int rows, int vectors) {
  constexpr int kChains = 8, kShared = 5;
  const int loads = rows + (rows < kShared ? rows * vectors : vectors);
  return std::max({rows * vectors, loads, kChains}) + 0.5;
}

double tile_cycles(int rows, int vectors) { return 25 + 2 * rows * vectors; }

double access_worth(bool contiguous, double times) {
  constexpr double kContiguous = 4, kStrided = -6;
  constexpr double kMostTimes = 16;  // at which it is all that counts
  return (contiguous ? kContiguous : kStrided) * std::min(times, kMostTimes);
}

bool waits_for_memory(double rows, double elements) {
  constexpr double kFewRows = 8, kLargeOperand = 1 << 18;
  return rows <= kFewRows && elements >= kLargeOperand;
}

double reading_cost(double bytes, std::int64_t times, bool scattered) {
  constexpr double kCache = 2 << 20;  // read again from level 2, or soon enough from the next one
  constexpr double kScattered = 8;    // each element brings a line
  if (bytes <= kCache) return bytes;
  return bytes * static_cast<double>(times) * (scattered ? kScattered : 1);
}

double bytes_a_cycle(double memory) {
  constexpr double kLevel1 = 32 << 10, kLevel2 = 1 << 20, kLevel3 = 32 << 20;
  if (memory <= kLevel1) return 64;
  if (memory <= kLevel2) return 32;
  return memory <= kLevel3 ? 16 : 5;
}

double predicted_cycles(const Program& program, const Unit& unit, int i) {
  const Kernel& kernel = program.kernels[static_cast<std::size_t>(unit.first + i)];
  double memory = 0;
  for (const Buffer& buffer : program.buffers)
    if (buffer.storage != Buffer::Storage::kLocal)
      memory = std::max(memory, static_cast<double>(buffer.offset + buffer.bytes()));
  const Cost cost = cost_of(program, kernel);
  const std::int64_t batch = program.max_batch;
  const double lanes = kernel.lanes < 0 ? 1 : static_cast<double>(lanes_of(program.real));
  const double calls = cost.call_cycles.at(batch) / lanes;
  double done = 1;  // of a causal stream: each tile goes as far as its last row
  if (unit.stream != nullptr && unit.stream->causal) {
    const int axis = unit.stream->members[static_cast<std::size_t>(i)].tile;
    const double tiles = std::ceil(static_cast<double>(kernel.axes[axis].extent) /
                                   static_cast<double>(unit.stream->tile));
    done = (tiles + 1) / (2 * tiles);
  }
  return std::max(done * cost.products.at(batch), cost.bytes().at(batch) / bytes_a_cycle(memory)) +
         done * calls;
}

}  // namespace gradc::ir
