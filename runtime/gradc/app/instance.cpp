#include <fmt/format.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/core/random.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <thread>

namespace gradc::app {
namespace {

using core::Initializer;
using core::Role;
using core::TensorInfo;

// The element `index` of a freshly made tensor.
template <class T>
T initial_value(const Initializer& initializer, const core::Draw& draw, std::int64_t index) {
  const T a = static_cast<T>(initializer.a);
  const T b = static_cast<T>(initializer.b);
  switch (initializer.kind) {
    case Initializer::Kind::kNormal:
      return a + b * core::normal<T>(draw, index);
    case Initializer::Kind::kUniform:
      return a + (b - a) * core::uniform<T>(draw, index);
    case Initializer::Kind::kConstant:
      break;
  }
  return a;
}

std::vector<double> initial_values(const TensorInfo& tensor, const core::Draw& draw) {
  std::vector<double> values(static_cast<std::size_t>(element_count(tensor)));
  const bool f64 = tensor.element == core::Element::kF64;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    values[i] = f64 ? initial_value<double>(tensor.initializer, draw, index)
                    : double{initial_value<float>(tensor.initializer, draw, index)};
  }
  return values;
}

core::Arena make_arena(const core::Model& model, std::int64_t bytes) {
  try {
    return core::Arena(static_cast<std::size_t>(bytes));
  } catch (const std::bad_alloc&) {
    throw DataError(
        fmt::format("{} needs {} bytes of memory, more than there is", model.name, grouped(bytes)));
  }
}

}  // namespace

Instance::Instance(const core::Model& model, Purpose purpose)
    : model_(&model),
      arena_(make_arena(model,
                        purpose == Purpose::kRun ? model.arena_bytes : model.check_arena_bytes)) {
  for (const TensorInfo* setting : tensors_of(model, Role::kSetting)) {
    set_scalar(arena(), *setting, setting->initializer.a);
  }
}

void Instance::initialise(std::uint64_t seed) {
  for (std::size_t k = 0; k < model_->tensors.size(); ++k) {
    const TensorInfo& tensor = model_->tensors[k];
    if (tensor.role != Role::kParameter && tensor.role != Role::kState) continue;
    const core::Draw draw{.seed = seed, .stream = static_cast<std::uint32_t>(k)};
    set_values(arena(), tensor, initial_values(tensor, draw));
  }
}

void Instance::set_setting(const std::string& name, double value) {
  const TensorInfo* setting = find_tensor(*model_, Role::kSetting, name);
  if (setting == nullptr) {
    std::vector<std::string_view> names;
    for (const TensorInfo* known : tensors_of(*model_, Role::kSetting)) {
      names.push_back(known->name);
    }
    throw UsageError(fmt::format(
        "{} has no setting \"{}\"{}", model_->name, name,
        names.empty() ? ", nor any other" : fmt::format("; it has {}", fmt::join(names, ", "))));
  }
  set_scalar(arena(), *setting, value);
  if (!std::isfinite(scalar_of(arena(), *setting))) {
    throw UsageError(
        fmt::format("{}={:g}: too large for {}", name, value, element_name(setting->element)));
  }
}

bool Instance::has_setting(std::string_view name) const {
  return find_tensor(*model_, Role::kSetting, name) != nullptr;
}

Settings Instance::settings() const {
  Settings settings;
  for (const TensorInfo* setting : tensors_of(*model_, Role::kSetting)) {
    settings[setting->name] = scalar_of(arena(), *setting);
  }
  return settings;
}

const TensorInfo* Instance::loss() const {
  return model_->loss < 0 ? nullptr : &model_->tensors[static_cast<std::size_t>(model_->loss)];
}

std::int64_t choose_batch(const core::Model& model, std::int64_t wanted) {
  if (wanted == 0) return model.max_batch;
  if (wanted < 0 || wanted > model.max_batch) {
    throw UsageError(fmt::format("--batch {}: {} was generated for batches of 1 to {}", wanted,
                                 model.name, model.max_batch));
  }
  return wanted;
}

int choose_threads(const core::Model& model, std::int64_t batch, int wanted) {
  // Below this a step takes some 100 microseconds, and waking threads costs more than they bring.
  constexpr double kWorthThreads = 2e7;
  if (wanted > 0) return wanted;
  if (flop_of(model.train, batch) < kWorthThreads) return 1;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::int64_t parameter_count(const core::Model& model) {
  std::int64_t count = 0;
  for (const TensorInfo* parameter : tensors_of(model, Role::kParameter)) {
    count += element_count(*parameter);
  }
  return count;
}

double flop_of(const core::Entry& entry, std::int64_t batch) {
  double flop = 0;
  for (const core::KernelInfo& kernel : entry.kernels) {
    flop += kernel.flop_fixed + kernel.flop_per_item * static_cast<double>(batch);
  }
  return flop;
}

double bytes_of(const core::Entry& entry, std::int64_t batch) {
  double bytes = 0;
  for (const core::KernelInfo& kernel : entry.kernels) {
    bytes += kernel.bytes_fixed + kernel.bytes_per_item * static_cast<double>(batch);
  }
  return bytes;
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

}  // namespace gradc::app
