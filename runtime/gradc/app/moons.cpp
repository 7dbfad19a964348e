// The data set `moons`: two half circles, one turned over and moved into the other, with noise.
//
//   label +1   (cos t, sin t)               half of the points, t evenly from 0 to pi
//   label -1   (1 - cos t, 1/2 - sin t)     the others
#include <fmt/format.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/points.h>

#include <cmath>
#include <numbers>

namespace gradc::app {
namespace {

std::vector<double> make_points(std::int64_t count, double noise, std::uint64_t seed) {
  const std::int64_t outer = count / 2;
  const core::Draw draw{seed, kMoonsStream};
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(count) * 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const bool first = i < outer;
    const std::int64_t place = first ? i : i - outer;
    const std::int64_t last = (first ? outer : count - outer) - 1;
    const double t =
        last > 0 ? std::numbers::pi * static_cast<double>(place) / static_cast<double>(last) : 0;
    const double x = first ? std::cos(t) : 1 - std::cos(t);
    const double y = first ? std::sin(t) : 0.5 - std::sin(t);
    values.push_back(x + noise * core::normal<double>(draw, 2 * i));
    values.push_back(y + noise * core::normal<double>(draw, 2 * i + 1));
    values.push_back(first ? 1 : -1);
  }
  return values;
}

}  // namespace

std::unique_ptr<Dataset> make_moons(const core::Model& model, const DatasetOptions& options) {
  const auto inputs = bind_inputs(
      model, "moons", {{"features", InputType::kReal, {2}}, {"label", InputType::kReal, {}}});
  const std::int64_t count = model.dataset.examples;
  const std::int64_t least = model.dataset.split ? 10 : 2;
  if (count < least) {
    throw DataError(fmt::format("the model {} ({}) asks for {} moons points; it takes {} at least",
                                model.name, model.source, count, least));
  }
  return std::make_unique<Points>(
      model, inputs[0], inputs[1], make_points(count, model.dataset.noise, options.seed),
      options.seed, fmt::format("{} points of two moons", grouped(count)));
}

}  // namespace gradc::app
