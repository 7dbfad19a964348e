// Optimizers and learning-rate schedules: updates declared in the DSL, nothing the compiler knows
// of.
//
// An optimizer is a value that is called as optimizer(scope, parameter, gradient) for every
// parameter and declares its update, with whatever state it needs under the parameter's name. One
// that has a member kind(name, shape) promises that parameters of one shape and one kind are
// updated alike; deep models are then declared faster.
#pragma once

#include <gradc/build.h>

namespace gradc {

// A factor on the learning rate, by training step. Steps count from 0; `total` is --steps.
struct Schedule {
  enum class Kind : std::uint8_t { kConstant, kStep, kLinear, kCosine, kInverseSqrt };
  Kind kind = Kind::kConstant;
  double a = 0, b = 0;

  constexpr Tensor factor(Graph& graph) const {
    switch (kind) {
      case Kind::kConstant:
        return graph.constant(1);
      // 1 before the fraction a of all steps, b from there on
      case Kind::kStep:
        return where(less(graph.step(), a * graph.total_steps()), 1, b);
      // from 1 down to 1 - a at the last step
      case Kind::kLinear:
        return 1 - a * graph.step() / graph.total_steps();
      // a steps of warm-up, then half a cosine wave from 1 down to b
      case Kind::kCosine: {
        const Tensor step = graph.step();
        const Tensor progress =
            minimum(maximum(step - a, 0) / maximum(graph.total_steps() - a, 1), 1);
        const Tensor wave = b + (1 - b) * 0.5 * (1 + cos(3.14159265358979323846 * progress));
        return a > 0 ? where(less(step, a), (step + 1) * (1 / a), wave) : wave;
      }
      // sqrt(a) min((s + 1)^-1/2, (s + 1) a^-3/2): 1 at its peak after a steps. Vaswani et al.
      // (2017)
      case Kind::kInverseSqrt: {
        const Tensor count = graph.step() + 1;
        return minimum(sqrt(a / count), count * (1 / a));
      }
    }
    return graph.constant(1);
  }
};

namespace schedule {
constexpr Schedule constant() { return {}; }
constexpr Schedule step(double fraction, double factor) {
  return {Schedule::Kind::kStep, fraction, factor};
}
constexpr Schedule linear(double drop) { return {Schedule::Kind::kLinear, drop, 0}; }
constexpr Schedule cosine(double warmup_steps = 0, double floor = 0) {
  return {Schedule::Kind::kCosine, warmup_steps, floor};
}
constexpr Schedule inverse_sqrt(double warmup_steps) {
  return {Schedule::Kind::kInverseSqrt, warmup_steps, 0};
}
}  // namespace schedule

// The rate of a step: the setting "learning_rate", which `--lr` changes. It begins as the rate of
// the first optimizer, unless the model declares it; other rates keep their ratio to it.
constexpr Tensor rate_of_step(Graph& graph, double learning_rate, const Schedule& schedule) {
  const auto kind = static_cast<double>(schedule.kind);
  return graph.shared("rate", {learning_rate, kind, schedule.a, schedule.b}, [&](int) {
    const Tensor first = graph.setting("learning_rate", learning_rate);
    const double declared = graph.leaf_of(first.node)->initializer.a;
    const Tensor factor = schedule.factor(graph);
    if (declared == learning_rate) return first * factor;
    if (declared != 0) return learning_rate / declared * first * factor;
    graph.report("another learning rate has no ratio to the first one, which is 0",
                 graph[first.node].location);
    return first;
  });
}

struct SgdOptions {
  double learning_rate = 0.1;
  double momentum = 0;
  double weight_decay = 0;
  Schedule schedule = {};
};

// v <- momentum v + g + weight_decay p;  p <- p - learning_rate v.
struct Sgd {
  SgdOptions options;

  constexpr int kind(std::string_view, const Shape&) const { return 0; }
  constexpr void operator()(const Scope& scope, Tensor parameter, Tensor gradient) const {
    Graph& graph = scope.graph();
    const Tensor rate = rate_of_step(graph, options.learning_rate, options.schedule);
    Tensor direction = gradient;
    if (options.weight_decay != 0) direction = direction + options.weight_decay * parameter;
    if (options.momentum != 0) {
      const Tensor velocity = scope.state("momentum", parameter.shape(), zeros());
      direction = options.momentum * velocity + direction;
      graph.update(velocity, direction);
    }
    graph.update(parameter, parameter - rate * direction);
  }
};
constexpr Sgd sgd(const SgdOptions& options = {}) { return {options}; }

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  // decoupled, as in AdamW
  Schedule schedule = {};
};

// Kingma and Ba (2014); decoupled weight decay by Loshchilov and Hutter (2017). With t = step + 1:
//   m <- beta1 m + (1 - beta1) g       v <- beta2 v + (1 - beta2) g^2
//   p <- p - rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weight_decay p)
struct Adam {
  AdamOptions options;

  constexpr int kind(std::string_view, const Shape&) const { return 0; }
  constexpr void operator()(const Scope& scope, Tensor parameter, Tensor gradient) const {
    Graph& graph = scope.graph();
    const Tensor rate = rate_of_step(graph, options.learning_rate, options.schedule);
    const Tensor m = scope.state("first_moment", parameter.shape(), zeros());
    const Tensor v = scope.state("second_moment", parameter.shape(), zeros());
    const Tensor next_m = options.beta1 * m + (1 - options.beta1) * gradient;
    const Tensor next_v = options.beta2 * v + (1 - options.beta2) * gradient * gradient;
    const Tensor mean = next_m / correction(graph, "beta1_power", options.beta1);
    const Tensor square = next_v / correction(graph, "beta2_power", options.beta2);
    Tensor direction = mean / (sqrt(square) + options.epsilon);
    if (options.weight_decay != 0) direction = direction + options.weight_decay * parameter;
    graph.update(m, next_m);
    graph.update(v, next_v);
    graph.update(parameter, parameter - rate * direction);
  }

 private:
  // 1 - beta^(step + 1), from a state that holds beta^step.
  static constexpr Tensor correction(Graph& graph, const char* name, double beta) {
    return graph.shared(name, {beta}, [&](int others) {
      Text own = name;
      if (others > 0) own += "_" + to_text(others + 1);
      const Tensor power = graph.state(own, {}, ones());
      const Tensor next = power * beta;
      graph.update(power, next);
      return 1 - next;
    });
  }
};
constexpr Adam adam(const AdamOptions& options = {}) { return {options}; }
// Adam with PyTorch's default of decoupled weight decay.
constexpr Adam adamw(AdamOptions options = {.weight_decay = 0.01}) { return {options}; }

// --- Optimizers around others -------------------------------------------------------------------

// What an optimizer within another one does to all gradients first.
template <class Optimizer>
constexpr void prepare_within(const Optimizer& optimizer, Graph& graph,
                              const std::vector<Tensor>& parameters,
                              std::vector<Tensor>& gradients) {
  if constexpr (requires { optimizer.prepare(graph, parameters, gradients); })
    optimizer.prepare(graph, parameters, gradients);
}

// One optimizer for the parameters that `chosen(name, shape)` picks, another for the rest, so that
// for example only matrices decay.
template <class Chosen, class First, class Second>
struct Grouped {
  template <class Optimizer>
  static constexpr bool kPrepares =
      requires(const Optimizer& optimizer, Graph& graph, std::vector<Tensor>& tensors) {
        optimizer.prepare(graph, tensors, tensors);
      };
  static_assert(!kPrepares<First> && !kPrepares<Second>,
                "clipped and accumulated see all gradients: they go around grouped, not into it");

  Chosen chosen;
  First first;
  Second second;

  constexpr int kind(std::string_view name, const Shape& shape) const
    requires requires { first.kind(name, shape), second.kind(name, shape); }
  {
    return chosen(name, shape) ? 2 * first.kind(name, shape) : 2 * second.kind(name, shape) + 1;
  }
  constexpr void operator()(const Scope& scope, Tensor parameter, Tensor gradient) const {
    const Text& name = scope.graph().leaf_of(parameter.node)->name;
    if (chosen(std::string_view(name), parameter.shape()))
      first(scope, parameter, gradient);
    else
      second(scope, parameter, gradient);
  }
};
template <class Chosen, class First, class Second>
constexpr Grouped<Chosen, First, Second> grouped(Chosen chosen, First first, Second second) {
  return {chosen, first, second};
}
// Tables and weights, but not biases and gains.
inline constexpr auto matrices = [](std::string_view, const Shape& shape) {
  return shape.size() >= 2;
};

// All gradients scaled down together where their norm, sqrt(sum g^2), is above `limit`. Pascanu et
// al. (2013).
template <class Optimizer>
struct Clipped {
  double limit;
  Optimizer optimizer;

  constexpr void prepare(Graph& graph, const std::vector<Tensor>& parameters,
                         std::vector<Tensor>& gradients) const {
    prepare_within(optimizer, graph, parameters, gradients);
    Tensor square = graph.constant(0);
    for (const Tensor& gradient : gradients) square = square + sum(gradient * gradient);
    const Tensor factor = minimum(1, limit / (sqrt(square) + 1e-6));
    for (Tensor& gradient : gradients) gradient = factor * gradient;
  }
  constexpr int kind(std::string_view name, const Shape& shape) const
    requires requires { optimizer.kind(name, shape); }
  {
    return optimizer.kind(name, shape);
  }
  constexpr void operator()(const Scope& scope, Tensor parameter, Tensor gradient) const {
    optimizer(scope, parameter, gradient);
  }
};
template <class Optimizer>
constexpr Clipped<Optimizer> clipped(double limit, Optimizer optimizer) {
  return {limit, optimizer};
}

// The optimizer runs at every `count`-th training step, on the mean of the gradients since.
template <class Optimizer>
struct Accumulated {
  std::int64_t count;
  Optimizer optimizer;

  constexpr void prepare(Graph& graph, const std::vector<Tensor>& parameters,
                         std::vector<Tensor>& gradients) const {
    const Tensor done = graph.state("accumulated", {}, zeros());
    const Tensor due = now(graph);
    graph.update(done, where(due, 0, done + 1));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Scope scope = graph / graph.leaf_of(parameters[i].node)->name;
      const Tensor total = scope.state("accumulated", parameters[i].shape(), zeros());
      gradients[i] = total + (1 / static_cast<double>(count)) * gradients[i];
      graph.update(total, where(due, 0, gradients[i]));
    }
    prepare_within(optimizer, graph, parameters, gradients);
  }
  constexpr int kind(std::string_view name, const Shape& shape) const
    requires requires { optimizer.kind(name, shape); }
  {
    return optimizer.kind(name, shape);
  }
  constexpr void operator()(const Scope& scope, Tensor parameter, Tensor gradient) const {
    Graph& graph = scope.graph();
    const std::size_t before = graph.updates.size();
    optimizer(scope, parameter, gradient);
    for (std::size_t i = before; i < graph.updates.size(); ++i) {
      Update& update = graph.updates[i];
      const Tensor old{&graph, update.leaf}, next{&graph, update.node};
      if (graph.leaf_of(update.leaf)->name != "step")
        update.node = where(now(graph), next, old).node;
    }
  }

 private:
  // Whether this step is the last of `count`.
  constexpr Tensor now(Graph& graph) const {
    const Tensor done{&graph, graph.leaves[graph.find_leaf("accumulated")].node};
    return equal(done, static_cast<double>(count - 1));
  }
};
template <class Optimizer>
constexpr Accumulated<Optimizer> accumulated(std::int64_t count, Optimizer optimizer) {
  return {count, optimizer};
}

}  // namespace gradc
