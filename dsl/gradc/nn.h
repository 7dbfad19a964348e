// Layers and losses, composed from the op table. No op here is special to the compiler: the
// simplifier and the fuser make these forms fast.
//
// A function that declares parameters takes a scope first: `nn::linear(g / "hidden", x, 200)`
// declares "hidden/weight" and "hidden/bias".
#pragma once

#include <gradc/build.h>

#include <optional>

namespace gradc::nn {

// --- Mathematics of declarations ----------------------------------------------------------------

// Square root by Newton's method, for initialisers.
constexpr double square_root(double x) {
  if (x <= 0) return 0;
  double root = x < 1 ? 1 : x;
  for (int i = 0; i < 100; ++i) {
    const double next = 0.5 * (root + x / root);
    if (next >= root) break;
    root = next;
  }
  return root;
}

// --- Activations --------------------------------------------------------------------------------

// x sigmoid(x). Elfwing et al. (2017).
constexpr Tensor silu(Operand x) {
  const Graph::At at(*x.tensor.graph, x.where);
  return x * sigmoid(x);
}

// x Phi(x), with Phi the normal distribution. Hendrycks and Gimpel (2016).
constexpr Tensor gelu(Operand x) {
  const Graph::At at(*x.tensor.graph, x.where);
  return 0.5 * x * (1 + erf(0.70710678118654752 * x));
}

// The approximation of GELU by tanh that GPT-2 uses.
constexpr Tensor gelu_tanh(Operand x) {
  const Graph::At at(*x.tensor.graph, x.where);
  return 0.5 * x * (1 + tanh(0.79788456080286536 * (x + 0.044715 * x * x * x)));
}

// log softmax(x) = x - m - log sum exp(x - m) with m = max x, a constant to the derivative.
constexpr Tensor log_softmax(Operand x, int axis = -1) {
  const Graph::At at(*x.tensor.graph, x.where);
  const Tensor shifted = x - detach(max(x, {axis}, Keep::kYes));
  return shifted - log(sum(exp(shifted), {axis}, Keep::kYes));
}

constexpr Tensor softmax(Operand x, int axis = -1) {
  const Graph::At at(*x.tensor.graph, x.where);
  const Tensor weight = exp(x - detach(max(x, {axis}, Keep::kYes)));
  return weight / sum(weight, {axis}, Keep::kYes);
}

// Each element is zero with probability `rate` while training, and the others are 1 / (1 - rate)
// times as large. Srivastava et al. (2014).
constexpr Tensor dropout(Operand x, double rate) {
  Graph& graph = *x.tensor.graph;
  const Graph::At at(graph, x.where);
  if (rate == 0) return x.tensor;
  const Tensor kept = less_equal(rate, graph.random(x.tensor.shape()));
  return training(kept * x * (1 / (1 - rate)), x);
}

// --- Layers -------------------------------------------------------------------------------------

struct LinearOptions {
  bool bias = true;
  double gain = 1;  // weights are normal with standard deviation gain / sqrt(inputs), or as said in
  std::optional<Initializer> weight = {};
};

// x [..., inputs] w [inputs, outputs] + b [outputs].
constexpr Tensor linear(const Scope& scope, Operand x, Dim outputs, LinearOptions options = {}) {
  const Graph::At at(scope.graph(), x.where);
  const Dim inputs = x.tensor.dim(-1);
  const double stddev = options.gain / square_root(static_cast<double>(inputs.size));
  const Tensor weight =
      scope.parameter("weight", {inputs, outputs}, options.weight.value_or(normal(stddev)));
  const Tensor y = matmul(x, weight);
  return options.bias ? y + scope.parameter("bias", {outputs}, zeros()) : y;
}

// One row of a table for each index: [...] to [..., width].
constexpr Tensor embedding(const Scope& scope, Operand indices, Dim classes, Dim width,
                           Initializer initializer = normal(1)) {
  const Graph::At at(scope.graph(), indices.where);
  return gather(scope.parameter("weight", {classes, width}, initializer), indices);
}

// Linear layers of the given widths with an activation between them, none after the last.
template <class Activation>
constexpr Tensor mlp(const Scope& scope, Operand x, const Shape& widths, Activation activation,
                     LinearOptions options = {}) {
  const Graph::At at(scope.graph(), x.where);
  Tensor y = x.tensor;
  for (int i = 0; i < widths.size(); ++i) {
    if (i > 0) y = activation(y);
    y = linear(scope / to_text(static_cast<std::int64_t>(i)), y, widths[i], options);
  }
  return y;
}

struct NormOptions {
  double epsilon = 1e-5;
  bool gain = true;
  bool bias = true;
};

// (x - mean) / sqrt(variance + epsilon) over the last axis. Ba et al. (2016).
constexpr Tensor layer_norm(const Scope& scope, Operand x, NormOptions options = {}) {
  const Graph::At at(scope.graph(), x.where);
  const Dim width = x.tensor.dim(-1);
  const Tensor centred = x - mean(x, {-1}, Keep::kYes);
  Tensor y = centred / sqrt(mean(centred * centred, {-1}, Keep::kYes) + options.epsilon);
  if (options.gain) y = y * scope.parameter("weight", {width}, ones());
  if (options.bias) y = y + scope.parameter("bias", {width}, zeros());
  return y;
}

// x / sqrt(mean(x^2) + epsilon) over the last axis. Zhang and Sennrich (2019).
constexpr Tensor rms_norm(const Scope& scope, Operand x, NormOptions options = {}) {
  const Graph::At at(scope.graph(), x.where);
  Tensor y = x / sqrt(mean(x * x, {-1}, Keep::kYes) + options.epsilon);
  if (options.gain) y = y * scope.parameter("weight", {x.tensor.dim(-1)}, ones());
  return y;
}

struct BatchNormOptions {
  double epsilon = 1e-5;
  double momentum = 0.001;  // how far a step moves the running statistics
  double gain = 1, bias = 0;
};

// Normalises each feature over the batch while training and by running statistics outside.
// Ioffe and Szegedy (2015). The running variance is the unbiased one, as in PyTorch.
constexpr Tensor batch_norm(const Scope& scope, Operand x, BatchNormOptions options = {}) {
  Graph& graph = scope.graph();
  const Graph::At at(graph, x.where);
  const Dim width = x.tensor.dim(-1);
  const Tensor running_mean = scope.state("running_mean", {width}, zeros());
  const Tensor running_variance = scope.state("running_variance", {width}, ones());
  const Tensor mu = mean(x, {0});
  const Tensor variance = mean((x - mu) * (x - mu), {0});
  const double m = options.momentum;
  if (x.tensor.rank() == 2) {
    const Tensor count = graph.extent(x.tensor.dim(0));
    const Tensor unbiased = variance * count / maximum(count - 1, 1);
    graph.update(running_mean, (1 - m) * running_mean + m * detach(mu));
    graph.update(running_variance, (1 - m) * running_variance + m * detach(unbiased));
  } else if (!x.tensor.type().poisoned()) {
    graph.report("batch_norm takes [batch, features], found " + to_text(x.tensor.shape()),
                 graph.locate(x.where));
  }
  const Tensor y = (x - training(mu, running_mean)) /
                   sqrt(training(variance, running_variance) + options.epsilon);
  return y * scope.parameter("weight", {width}, constant(options.gain)) +
         scope.parameter("bias", {width}, constant(options.bias));
}

// --- Losses: scalars, means over everything -----------------------------------------------------

struct CrossEntropyOptions {
  // The target is this much uniform over all classes. Szegedy et al. (2015).
  double label_smoothing = 0;
  // [...]: how much each target counts in the mean; 0 for what only fills a sequence up.
  std::optional<Tensor> weight = {};
};

// -log softmax(logits)[target], logits [..., classes] and target [...] i32.
constexpr Tensor cross_entropy(Operand logits, Operand target, CrossEntropyOptions options = {}) {
  const Graph::At at(*logits.tensor.graph, logits.where);
  const Tensor log_probability = log_softmax(logits);
  Tensor score = sum(one_hot(target, logits.tensor.dim(-1)) * log_probability, {-1});
  if (const double smoothing = options.label_smoothing; smoothing != 0)
    score = (1 - smoothing) * score + smoothing * mean(log_probability, {-1});
  if (!options.weight) return -mean(score);
  return -sum(*options.weight * score) / sum(*options.weight);
}

// max(0, 1 - label score), labels -1 and 1, of the shape of the scores.
constexpr Tensor hinge(Operand score, Operand label) {
  const Graph::At at(*score.tensor.graph, score.where);
  return mean(relu(1 - label * score));
}

constexpr Tensor mean_squared_error(Operand prediction, Operand label) {
  const Graph::At at(*prediction.tensor.graph, prediction.where);
  const Tensor error = prediction - label;
  return mean(error * error);
}

// The sum of the squares of every parameter declared so far, for a penalty on it.
constexpr Tensor squared_norm(Graph& graph, std::source_location where = Graph::Where::current()) {
  const Graph::At at(graph, where);
  Tensor total = graph.constant(0);
  for (const Tensor& parameter : graph.parameters()) total += sum(parameter * parameter);
  return total;
}

}  // namespace gradc::nn
