#include <fmt/format.h>
#include <gradc/app/instance.h>
#include <gradc/app/values.h>

#include <algorithm>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

struct Line {
  std::string name;
  std::string value;
};

std::string value_text(const Instance& instance, const TensorInfo& tensor) {
  constexpr std::size_t kShown = 8;
  const std::vector<double> values = values_of(instance.arena(), tensor);
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, values.size()); ++i) {
    text += fmt::format("{}{:.7g}", i > 0 ? "  " : "", values[i]);
  }
  if (values.size() > kShown)
    text += fmt::format("  ... ({} in all)", grouped(element_count(tensor)));
  return text;
}

}  // namespace

void print_values(const core::Model& model) {
  core::Team team(1);
  std::vector<Line> lines;
  if (model.evaluate.run != nullptr) {
    Instance instance(model, Instance::Purpose::kRun);
    instance.initialise(0);
    model.evaluate.run(instance.arena(), model.max_batch, team);
    for (const TensorInfo* output : tensors_of(model, Role::kOutput)) {
      lines.push_back({output->name, value_text(instance, *output)});
    }
  }
  if (model.gradient.run != nullptr && model.loss >= 0) {
    Instance instance(model, Instance::Purpose::kCheck);
    instance.initialise(0);
    model.gradient.run(instance.arena(), model.max_batch, team);
    for (const TensorInfo* gradient : tensors_of(model, Role::kGradient)) {
      lines.push_back({fmt::format("d{}/d{}", instance.loss()->name, gradient->name),
                       value_text(instance, *gradient)});
    }
  }
  fmt::print("{} ({})\n", model.name, model.source);
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  for (const Line& line : lines) fmt::print("  {:<{}}  {}\n", line.name, width, line.value);
}

}  // namespace gradc::app
