#include "emit/check_module.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>

#include "eval/run_program.h"

namespace gradc::emit_test {
namespace {

using Bytes = std::vector<std::byte>;

// NaN, so that padding that leaks into a result shows, and easily seen where it was overwritten.
constexpr std::byte kSentinel{0xff};

struct Place {
  std::byte* at;
  Element element;
};

double get(const Place& place) {
  if (place.element == Element::kI32) {
    std::int32_t x;
    std::memcpy(&x, place.at, sizeof x);
    return x;
  }
  if (place.element == Element::kF64) {
    double x;
    std::memcpy(&x, place.at, sizeof x);
    return x;
  }
  float x;
  std::memcpy(&x, place.at, sizeof x);
  return x;
}

void put(const Place& place, double value) {
  const auto write = [&](auto x) { std::memcpy(place.at, &x, sizeof x); };
  if (place.element == Element::kI32)
    write(static_cast<std::int32_t>(value));
  else if (place.element == Element::kF64)
    write(value);
  else
    write(static_cast<float>(value));
}

// f(position) for each element of a tensor at the running batch.
void each_element(const ir::Program& program, const ir::Buffer& buffer, std::int64_t batch,
                  const std::function<void(std::int64_t)>& f) {
  std::function<void(int, std::int64_t)> walk = [&](int axis, std::int64_t at) {
    if (axis == buffer.shape.size()) return f(at);
    std::int64_t extent = buffer.shape[axis].size;
    if (buffer.shape[axis].batched) extent = extent / program.max_batch * batch;
    for (std::int64_t i = 0; i < extent; ++i)
      walk(axis + 1, at + i * buffer.strides[static_cast<std::size_t>(axis)]);
  };
  walk(0, 0);
}

}  // namespace

std::string check(const ir::Module& module, const core::Model& model, std::int64_t batch,
                  std::uint64_t seed) {
  const ir::Program& program = module.train;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-2, 2);
  Bytes initial(static_cast<std::size_t>(module.arena_bytes), kSentinel);
  eval::Memory memory;
  const auto place = [&](Bytes& arena, const ir::Buffer& buffer, std::int64_t at) {
    const std::int64_t width = buffer.element == Element::kF64 ? 8 : 4;
    return Place{arena.data() + buffer.offset + at * width, buffer.element};
  };
  for (const ir::Buffer& buffer : program.buffers) {
    memory.emplace_back(static_cast<std::size_t>(buffer.elements),
                        std::numeric_limits<double>::quiet_NaN());
    if (buffer.storage != ir::Buffer::Storage::kLeaf) continue;
    const Leaf& leaf = module.declared.leaves[static_cast<std::size_t>(buffer.leaf)];
    each_element(program, buffer, batch, [&](std::int64_t at) {
      const double value =
          leaf.classes > 0
              ? static_cast<double>(random() % static_cast<std::uint64_t>(leaf.classes))
              : uniform(random);
      put(place(initial, buffer, at), value);
      memory.back()[static_cast<std::size_t>(at)] = get(place(initial, buffer, at));
    });
  }
  eval::Bindings bindings;
  bindings.batch = batch;
  eval::run_program(program, bindings, memory);

  Bytes first;
  for (const int members : {1, 2, 3, 8}) {
    // Aligned as an Arena is.
    std::vector<std::byte> room(initial.size() + 64);
    auto address = reinterpret_cast<std::uintptr_t>(room.data());
    std::byte* arena = room.data() + (64 - address % 64) % 64;
    std::memcpy(arena, initial.data(), initial.size());
    for (const core::KernelInfo& kernel : model.train.kernels)
      for (int member = members; member-- > 0;) kernel.run(arena, batch, member, members);
    Bytes result(arena, arena + initial.size());
    const std::string with =
        " of " + std::to_string(members) + " members, batch " + std::to_string(batch);

    std::vector<bool> inside(result.size());
    for (std::size_t b = 0; b < program.buffers.size(); ++b) {
      const ir::Buffer& buffer = program.buffers[b];
      std::fill_n(inside.begin() + buffer.offset, buffer.bytes(), true);
      double scale = 1;
      for (const double x : memory[b])
        if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
      const double tolerance = (program.real == Element::kF64 ? 1e-12 : 4e-6) * scale;
      std::string wrong;
      each_element(program, buffer, batch, [&](std::int64_t at) {
        const double found = get(place(result, buffer, at));
        const double wanted = memory[b][static_cast<std::size_t>(at)];
        if (std::isnan(found) && std::isnan(wanted)) return;
        if (wrong.empty() && !(std::abs(found - wanted) <= tolerance))
          wrong = buffer.name + "[" + std::to_string(at) + "] is " + std::to_string(found) +
                  ", not " + std::to_string(wanted) + with;
        if (wrong.empty() && !first.empty()) {
          const double before = get(place(first, buffer, at));
          if (std::memcmp(&found, &before, sizeof found) != 0)
            wrong = buffer.name + "[" + std::to_string(at) + "] has other bits" + with;
        }
      });
      if (!wrong.empty()) return wrong;
    }
    for (std::size_t i = 0; i < result.size(); ++i)
      if (!inside[i] && result[i] != kSentinel)
        return "byte " + std::to_string(i) + " was written, which is no buffer's" + with;
    if (first.empty()) first = result;
  }
  return "";
}

}  // namespace gradc::emit_test
