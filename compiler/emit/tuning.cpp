#include "emit/tuning.h"

#include <fmt/format.h>

#include "emit/kernel.h"
#include "emit/tiles.h"

namespace gradc::emit {
namespace {

const char* registers(Target target) {
  switch (target) {
    case Target::kAvx512:
      return "avx512";
    case Target::kAvx2:
      return "avx2";
    case Target::kSse2:
      return "sse2";
  }
  return "";
}

// "batch 32 x 200"
std::string extents(const Facts& facts, const std::vector<int>& axes) {
  std::string text;
  for (const int axis : axes)
    text += fmt::format("{}{}{}", text.empty() ? "" : " x ",
                        facts.axis(axis).batched ? "batch " : "", facts.axis(axis).extent);
  return text;
}

}  // namespace

std::string tuning_key(const Facts& facts, const std::string& kernel_name, Target target) {
  const TilePlan axes = tile_axes(facts);
  std::vector<int> tile = {axes.n}, sum;
  if (axes.m >= 0) tile.insert(tile.begin(), axes.m);
  for (const int axis : facts.kernel().contraction.k)
    if (facts.axis(axis).extent > 1) sum.push_back(axis);
  const ir::Contraction& c = facts.kernel().contraction;
  std::string element = gradc::name_of(facts.program().real);
  for (const int operand : {c.left_buffer, c.right_buffer})
    if (facts.is_narrow(operand)) element = gradc::name_of(facts.buffer(operand).element);
  std::string key =
      fmt::format("{} {} {} [{}] over {}", registers(target), function_name(kernel_name), element,
                  extents(facts, tile), sum.empty() ? "1" : extents(facts, sum));
  if (!axes.outer.empty()) key += " for each of " + extents(facts, axes.outer);
  return key;
}

std::optional<TileShape> tuned_tile(const Facts& facts, const std::string& kernel_name,
                                    Target target, const Tuning& tuning) {
  if (tuning.empty() || facts.is_inside()) return {};
  const auto tuned = tuning.find(tuning_key(facts, kernel_name, target));
  return tuned == tuning.end() ? std::nullopt : std::optional(tuned->second);
}

std::vector<Tunable> tunables(const ir::Program& program, Target target) {
  std::vector<Tunable> list;
  const std::vector<ir::Unit> units = ir::units_of(program);
  for (std::size_t i = 0; i < units.size(); ++i) {
    const ir::Kernel& kernel = program.kernels[static_cast<std::size_t>(units[i].first)];
    if (units[i].stream != nullptr || !kernel.contracts) continue;
    const Alone one = written_form(program, kernel);
    const Facts facts(one.program, one.program.kernels.front());
    std::vector<TileShape> shapes = tile_shapes(facts, target);
    if (shapes.size() > 1)
      list.push_back({i, tuning_key(facts, kernel.name, target), std::move(shapes)});
  }
  return list;
}

}  // namespace gradc::emit
