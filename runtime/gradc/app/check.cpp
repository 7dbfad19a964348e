#include <fmt/format.h>
#include <gradc/app/check.h>
#include <gradc/app/draw.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/random_inputs.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace gradc::app {
namespace {

using core::Role;
using core::TensorInfo;

constexpr std::int64_t kBatch = 32;
constexpr std::size_t kCoordinates = 64;  // of each parameter

// Where nothing was drawn at random, as in a bias that starts at zero, this is added: a gradient at
// zero says little.
constexpr double kJitter = 0.1;

struct Result {
  std::string name;
  std::int64_t values = 0;
  std::size_t tried = 0;
  double differences_error = 0;
  std::optional<double> reference_error;

  bool good() const {  // written so that NaN is not
    return differences_error <= kDifferencesTolerance &&
           (!reference_error || *reference_error <= kReferenceTolerance);
  }
};

const TensorInfo& gradient_of(const core::Model& model, const TensorInfo& parameter) {
  const TensorInfo* gradient = find_tensor(model, Role::kGradient, parameter.name);
  if (gradient == nullptr || element_count(*gradient) != element_count(parameter)) {
    throw DataError(fmt::format("{}: there is no gradient for the parameter \"{}\"", model.name,
                                parameter.name));
  }
  return *gradient;
}

// Copies what a run reads, by name.
void copy_values(const Instance& from, Instance& to) {
  for (const TensorInfo& tensor : from.model().tensors) {
    if (tensor.role == Role::kOutput || tensor.role == Role::kGradient) continue;
    const TensorInfo* other = find_tensor(to.model(), tensor.role, tensor.name);
    if (other == nullptr || element_count(*other) != element_count(tensor)) continue;
    set_values(to.arena(), *other, values_of(from.arena(), tensor));
  }
}

void set_random_values(Instance& instance, std::uint64_t seed) {
  instance.initialise(seed);
  std::uint64_t number = 1 << 20;
  for (const TensorInfo* parameter : tensors_of(instance.model(), Role::kParameter)) {
    const core::Draw draw{seed, kCheckStream, number++};
    if (parameter->initializer.kind != core::Initializer::Kind::kConstant) continue;
    auto values = values_of(instance.arena(), *parameter);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] += kJitter * core::normal<float>(draw, static_cast<std::int64_t>(i));
    }
    set_values(instance.arena(), *parameter, values);
  }
  fill_random_inputs(instance, seed);
}

// The loss as a function of one element of one parameter.
class LossAlong {
 public:
  LossAlong(Instance& instance, const TensorInfo& parameter, std::int64_t index, std::int64_t batch,
            core::Team& team)
      : instance_(instance),
        element_(data_of<double>(instance.arena(), parameter)[position_of(parameter, index)]),
        middle_(element_),
        batch_(batch),
        team_(team) {}
  ~LossAlong() { element_ = middle_; }

  double slope(double h) {  // exact for polynomials of degree 2
    return (at(h) - at(-h)) / (2 * h);
  }
  double slope_fourth_order(double h) {  // of degree 4
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  }

 private:
  double at(double distance) {
    element_ = middle_ + distance;
    instance_.model().loss_only.run(instance_.arena(), batch_, team_);
    return scalar_of(instance_.arena(), *instance_.loss());
  }

  Instance& instance_;
  double& element_;
  double middle_;
  std::int64_t batch_;
  core::Team& team_;
};

// How far `gradient` is from the closest of several differences. One step size alone will not do:
// a wide one crosses the kink of a relu, a narrow one drowns in rounding.
double closest_error(LossAlong& loss, double gradient, double good_enough) {
  double best = std::abs(gradient - loss.slope_fourth_order(1e-3));
  for (const double h : {1e-4, 1e-5}) {
    if (best <= good_enough) return best;
    const double error = std::abs(gradient - loss.slope_fourth_order(h));
    if (!(error >= best)) best = error;
  }
  for (const double h : {1e-6, 1e-7}) {
    if (best <= good_enough) return best;
    const double error = std::abs(gradient - loss.slope(h));
    if (!(error >= best)) best = error;
  }
  return best;
}

std::vector<std::uint32_t> choose_coordinates(std::size_t count, const core::Draw& draw) {
  std::vector<std::uint32_t> chosen;
  if (count <= kCoordinates) {
    chosen.resize(count);
    std::iota(chosen.begin(), chosen.end(), 0);
  } else {
    chosen.resize(kCoordinates);
    draw_below(draw, count, chosen);
  }
  return chosen;
}

// Compares the reference's gradient with differences of its loss.
void check_differences(Instance& reference, const TensorInfo& parameter, std::int64_t batch,
                       const core::Draw& draw, core::Team& team, Result& result) {
  const auto gradient = values_of(reference.arena(), gradient_of(reference.model(), parameter));
  const double loss = scalar_of(reference.arena(), *reference.loss());
  // Below this, relative to the loss, a difference is rounding.
  double scale = 1e-5 * std::max(1.0, std::abs(loss));
  for (const double value : gradient) scale = std::max(scale, std::abs(value));
  double worst = 0;
  const auto coordinates = choose_coordinates(gradient.size(), draw);
  for (const std::uint32_t i : coordinates) {
    LossAlong along(reference, parameter, i, batch, team);
    const double error =
        closest_error(along, gradient[i], kDifferencesTolerance * scale / 10) / scale;
    if (!(error <= worst)) worst = error;
  }
  result.tried = coordinates.size();
  result.differences_error = worst;
}

double norm(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

// Compares the model's own gradients with the reference's.
void check_reference(Instance& instance, Instance& reference, std::vector<Result>& results) {
  double all_squared = 0;
  double all_values = 0;
  const auto parameters = tensors_of(instance.model(), Role::kParameter);
  for (const TensorInfo* parameter : parameters) {
    const auto exact = values_of(reference.arena(), gradient_of(reference.model(), *parameter));
    all_squared += norm(exact) * norm(exact);
    all_values += static_cast<double>(exact.size());
  }
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    auto mine = values_of(instance.arena(), gradient_of(instance.model(), *parameters[k]));
    const auto exact = values_of(reference.arena(), gradient_of(reference.model(), *parameters[k]));
    // A gradient that ought to be zero is judged by the size of the others.
    const double floor =
        0.01 * std::sqrt(all_squared / all_values * static_cast<double>(exact.size()));
    const double scale = std::max(norm(exact), floor);
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i] -= exact[i];
    const double error = norm(mine);
    results[k].reference_error = error == 0 ? 0 : error / scale;
  }
}

void print_table(const core::Model& model, std::int64_t batch, const std::vector<Result>& results) {
  const bool own = model.element == core::Element::kF64;
  fmt::print("{} ({}): gradients at random parameters{}\n", model.name, model.source,
             model.has_batch ? fmt::format(", batch {}", batch) : "");
  fmt::print("  {:<24}{:>12}{:>8}  {:<20}{}\n", "parameter", "values", "tried",
             "against differences", own ? "" : "  f32 against f64");
  for (const Result& result : results) {
    fmt::print("  {:<24}{:>12}{:>8}  {:<20.1e}", result.name, grouped(result.values), result.tried,
               result.differences_error);
    if (result.reference_error) fmt::print("  {:<15.1e}", *result.reference_error);
    fmt::print("  {}\n", result.good() ? "ok" : "WRONG");
  }
}

}  // namespace

int check(const core::Model& model, const CheckOptions& options) {
  if (model.loss < 0 || model.gradient.run == nullptr) {
    fmt::print("{} ({}): minimises nothing, so there is no gradient to check\n", model.name,
               model.source);
    return kExitDone;
  }
  const bool own = model.element == core::Element::kF64;
  const core::Model* in_f64 = model.reference != nullptr ? model.reference : own ? &model : nullptr;
  if (in_f64 == nullptr || in_f64->loss_only.run == nullptr || in_f64->gradient.run == nullptr) {
    throw DataError(fmt::format("{} was generated without its reference in f64", model.name));
  }
  const std::int64_t batch = std::min(kBatch, model.max_batch);
  core::Team team(1);
  Instance instance(model, Instance::Purpose::kCheck);
  Instance reference(*in_f64, Instance::Purpose::kCheck);
  set_random_values(instance, options.seed);
  copy_values(instance, reference);
  in_f64->gradient.run(reference.arena(), batch, team);

  std::vector<Result> results;
  std::uint64_t number = 2 << 20;
  for (const TensorInfo* parameter : tensors_of(model, Role::kParameter)) {
    const TensorInfo* other = find_tensor(*in_f64, Role::kParameter, parameter->name);
    if (other == nullptr) {
      throw DataError(
          fmt::format("{}: the reference has no parameter \"{}\"", model.name, parameter->name));
    }
    Result result{.name = parameter->name, .values = element_count(*parameter)};
    check_differences(reference, *other, batch, {options.seed, kCheckStream, number++}, team,
                      result);
    // The differences ran the loss alone; whatever they left, the gradient is made anew.
    in_f64->gradient.run(reference.arena(), batch, team);
    results.push_back(result);
  }
  if (in_f64 != &model) {
    model.gradient.run(instance.arena(), batch, team);
    check_reference(instance, reference, results);
  }
  print_table(model, batch, results);
  const auto wrong = std::ranges::count_if(results, [](const Result& r) { return !r.good(); });
  if (wrong == 0) {
    fmt::print("all gradients agree\n");
    return kExitDone;
  }
  fmt::print("{} of {} gradients are wrong: beyond {:g} of the differences or {:g} of f64\n", wrong,
             results.size(), kDifferencesTolerance, kReferenceTolerance);
  return kExitWrongData;
}

}  // namespace gradc::app
