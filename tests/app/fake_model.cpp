#include "app/fake_model.h"

#include <gradc/core/team.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace gradc::app::testing {
namespace {

using core::Element;
using core::Entry;
using core::Initializer;
using core::KernelInfo;
using core::Model;
using core::Role;
using core::Team;
using core::TensorInfo;

double gradient_fault = 0;

template <class T>
constexpr Element kElement = sizeof(T) == 8 ? Element::kF64 : Element::kF32;

// Hands out places in an arena, each on a line of its own.
class Places {
 public:
  template <class T>
  constexpr std::int64_t take(std::int64_t count) {
    const std::int64_t place = used_;
    used_ += (count * static_cast<std::int64_t>(sizeof(T)) + 63) / 64 * 64;
    return place;
  }
  constexpr std::int64_t used() const { return used_; }

 private:
  std::int64_t used_ = 0;
};

template <class T>
T* at(std::byte* arena, std::int64_t offset) {
  return reinterpret_cast<T*>(arena + offset);
}

TensorInfo tensor(const char* name, Role role, Element element, std::vector<std::int64_t> shape,
                  std::vector<std::int64_t> strides, std::int64_t offset, int batch_axis = -1,
                  Initializer initializer = {}, std::int64_t classes = 0) {
  TensorInfo info{.name = name,
                  .role = role,
                  .element = element,
                  .source = "fake.cpp:1",
                  .offset = offset,
                  .rank = static_cast<int>(shape.size()),
                  .batch_axis = batch_axis,
                  .initializer = initializer,
                  .classes = classes,
                  .classes_option = classes > 0 ? "VOCAB" : ""};
  std::ranges::copy(shape, info.shape);
  std::ranges::copy(strides, info.strides);
  return info;
}

constexpr Initializer constant(double value) { return {Initializer::Kind::kConstant, value, 0}; }
constexpr Initializer normal(double deviation) {
  return {Initializer::Kind::kNormal, 0, deviation};
}

// ---- lines ----

constexpr std::int64_t kVocab = 27;
constexpr std::int64_t kPadded = 32;
constexpr std::int64_t kWindow = 2;
constexpr std::int64_t kBatch = 8;

template <class T>
struct LinesLayout {
  Places places;
  std::int64_t first = places.take<T>(kVocab * kPadded);
  std::int64_t second = places.take<T>(kVocab * kPadded);
  std::int64_t bias = places.take<T>(kVocab);
  std::int64_t step = places.take<T>(1);
  std::int64_t velocity = places.take<T>(kVocab);
  std::int64_t context = places.take<std::int32_t>(kWindow * kBatch);
  std::int64_t target = places.take<std::int32_t>(kBatch);
  std::int64_t learning_rate = places.take<T>(1);
  std::int64_t steps = places.take<T>(1);
  std::int64_t loss = places.take<T>(1);
  std::int64_t accuracy = places.take<T>(1);
  std::int64_t logits = places.take<T>(kBatch * kPadded);
  std::int64_t surprise = places.take<T>(kBatch);  // of each row
  std::int64_t hits = places.take<T>(kBatch);
  std::int64_t error = places.take<T>(kBatch * kPadded);  // probabilities minus one-hot
  std::int64_t run_bytes = places.used();
  std::int64_t first_gradient = places.take<T>(kVocab * kPadded);
  std::int64_t second_gradient = places.take<T>(kVocab * kPadded);
  std::int64_t bias_gradient = places.take<T>(kVocab);
  std::int64_t check_bytes = places.used();
};

template <class T>
constexpr LinesLayout<T> kLines{};

template <class T>
void lines_logits(std::byte* arena, const std::int64_t*, std::int64_t batch, int member,
                  int members) {
  const auto& l = kLines<T>;
  const auto* context = at<std::int32_t>(arena, l.context);
  for (std::int64_t b = member; b < batch; b += members) {
    const T* first = at<T>(arena, l.first) + context[b] * kPadded;
    const T* second = at<T>(arena, l.second) + context[kBatch + b] * kPadded;
    T* logits = at<T>(arena, l.logits) + b * kPadded;
    for (int v = 0; v < kVocab; ++v) logits[v] = at<T>(arena, l.bias)[v] + first[v] + second[v];
  }
}

template <class T>
void lines_rows(std::byte* arena, const std::int64_t*, std::int64_t batch, int member,
                int members) {
  const auto& l = kLines<T>;
  const auto* target = at<std::int32_t>(arena, l.target);
  for (std::int64_t b = member; b < batch; b += members) {
    const T* logits = at<T>(arena, l.logits) + b * kPadded;
    T* error = at<T>(arena, l.error) + b * kPadded;
    const T highest = *std::max_element(logits, logits + kVocab);
    T sum = 0;
    for (int v = 0; v < kVocab; ++v) sum += error[v] = std::exp(logits[v] - highest);
    for (int v = 0; v < kVocab; ++v) error[v] /= sum;
    at<T>(arena, l.surprise)[b] = std::log(sum) + highest - logits[target[b]];
    at<T>(arena, l.hits)[b] = logits[target[b]] == highest ? 1 : 0;
    error[target[b]] -= 1;
  }
}

template <class T>
void lines_means(std::byte* arena, const std::int64_t*, std::int64_t batch, int member, int) {
  if (member != 0) return;
  const auto& l = kLines<T>;
  T loss = 0;
  T hits = 0;
  for (std::int64_t b = 0; b < batch; ++b) {
    loss += at<T>(arena, l.surprise)[b];
    hits += at<T>(arena, l.hits)[b];
  }
  *at<T>(arena, l.loss) = loss / static_cast<T>(batch);
  *at<T>(arena, l.accuracy) = hits / static_cast<T>(batch);
}

// Adds scale * gradient to the three.
template <class T>
void lines_add_gradient(std::byte* arena, std::int64_t batch, T scale, T* first, T* second,
                        T* bias) {
  const auto& l = kLines<T>;
  const auto* context = at<std::int32_t>(arena, l.context);
  for (std::int64_t b = 0; b < batch; ++b) {
    const T* error = at<T>(arena, l.error) + b * kPadded;
    for (int v = 0; v < kVocab; ++v) {
      const T g = scale * error[v] / static_cast<T>(batch);
      first[context[b] * kPadded + v] += g;
      second[context[kBatch + b] * kPadded + v] += g;
      bias[v] += g;
    }
  }
}

template <class T>
void lines_update(std::byte* arena, const std::int64_t*, std::int64_t batch, int member, int) {
  if (member != 0) return;
  const auto& l = kLines<T>;
  T* velocity = at<T>(arena, l.velocity);
  for (int v = 0; v < kVocab; ++v) {
    velocity[v] = T(0.9) * velocity[v] + at<T>(arena, l.bias)[v];
  }
  lines_add_gradient<T>(arena, batch, -*at<T>(arena, l.learning_rate), at<T>(arena, l.first),
                        at<T>(arena, l.second), at<T>(arena, l.bias));
  *at<T>(arena, l.step) += 1;
}

template <class T>
void lines_gradient(std::byte* arena, const std::int64_t*, std::int64_t batch, int member, int) {
  if (member != 0) return;
  const auto& l = kLines<T>;
  T* first = at<T>(arena, l.first_gradient);
  T* second = at<T>(arena, l.second_gradient);
  T* bias = at<T>(arena, l.bias_gradient);
  std::fill(first, first + kVocab * kPadded, T(0));
  std::fill(second, second + kVocab * kPadded, T(0));
  std::fill(bias, bias + kVocab, T(0));
  lines_add_gradient<T>(arena, batch, 1, first, second, bias);
  // A fault in f32 only, so that the two checks can be told apart.
  if (sizeof(T) == 4) {
    for (int v = 0; v < kVocab; ++v) bias[v] *= static_cast<T>(1 + gradient_fault);
  }
}

template <class T>
constexpr KernelInfo kLogits{"logits", "fake.cpp:2", lines_logits<T>, {}, 0, 2 * 2 * kVocab,
                             0,        400};
template <class T>
constexpr KernelInfo kRows{"cross-entropy", "fake.cpp:3", lines_rows<T>, {}, 0, 0, 0, 256};
template <class T>
constexpr KernelInfo kMeans{"means", "fake.cpp:4", lines_means<T>, {}, 0, 0, 8, 8};
template <class T>
constexpr KernelInfo kUpdate{"update", "fake.cpp:5", lines_update<T>, {}, 100, 6 * kVocab, 0, 400};
template <class T>
constexpr KernelInfo kGradient{"gradient", "fake.cpp:6", lines_gradient<T>, {}, 0, 6 * kVocab,
                               0,          400};

template <class T>
constexpr KernelInfo kTrain[] = {kLogits<T>, kRows<T>, kMeans<T>, kUpdate<T>};
template <class T>
constexpr KernelInfo kEvaluate[] = {kLogits<T>, kRows<T>, kMeans<T>};
template <class T>
constexpr KernelInfo kPredict[] = {kLogits<T>};
template <class T>
constexpr KernelInfo kGradientKernels[] = {kLogits<T>, kRows<T>, kMeans<T>, kGradient<T>};

template <const auto& kernels>
void run_kernels(std::byte* arena, std::int64_t batch, Team& team) {
  team.run([&](int member, int members) {
    for (const KernelInfo& kernel : kernels) {
      kernel.run(arena, batch, member, members);
      team.barrier();
    }
  });
}

template <const auto& kernels>
constexpr Entry entry() {
  return {run_kernels<kernels>, kernels};
}

template <class T>
std::vector<TensorInfo> lines_tensors() {
  const auto& l = kLines<T>;
  const Element e = kElement<T>;
  return {
      tensor("first", Role::kParameter, e, {kVocab, kVocab}, {kPadded, 1}, l.first, -1,
             normal(0.1)),
      tensor("second", Role::kParameter, e, {kVocab, kVocab}, {kPadded, 1}, l.second, -1,
             normal(0.1)),
      tensor("bias", Role::kParameter, e, {kVocab}, {1}, l.bias),
      tensor("step", Role::kState, e, {}, {}, l.step),
      tensor("velocity", Role::kState, e, {kVocab}, {1}, l.velocity),
      tensor("context", Role::kInput, Element::kI32, {kBatch, kWindow}, {1, kBatch}, l.context, 0,
             {}, kVocab),
      tensor("target", Role::kInput, Element::kI32, {kBatch}, {1}, l.target, 0, {}, kVocab),
      tensor("learning_rate", Role::kSetting, e, {}, {}, l.learning_rate, -1, constant(0.5)),
      tensor("steps", Role::kSetting, e, {}, {}, l.steps, -1, constant(200)),
      tensor("loss", Role::kOutput, e, {}, {}, l.loss),
      tensor("accuracy", Role::kOutput, e, {}, {}, l.accuracy),
      tensor("logits", Role::kOutput, e, {kBatch, kVocab}, {kPadded, 1}, l.logits, 0),
      tensor("first", Role::kGradient, e, {kVocab, kVocab}, {kPadded, 1}, l.first_gradient),
      tensor("second", Role::kGradient, e, {kVocab, kVocab}, {kPadded, 1}, l.second_gradient),
      tensor("bias", Role::kGradient, e, {kVocab}, {1}, l.bias_gradient),
  };
}

template <class T>
Model make_lines() {
  return {.name = "fake",
          .source = "fake.cpp",
          .element = kElement<T>,
          .arena_bytes = kLines<T>.run_bytes,
          .check_arena_bytes = kLines<T>.check_bytes,
          .max_batch = kBatch,
          .has_batch = true,
          .steps = 200,
          .loss = 9,
          .dataset = {.kind = core::DatasetInfo::Kind::kLines, .window = kWindow},
          .train = entry<kTrain<T>>(),
          .evaluate = entry<kEvaluate<T>>(),
          .predict = entry<kPredict<T>>(),
          .loss_only = entry<kEvaluate<T>>(),
          .gradient = entry<kGradientKernels<T>>(),
          .reference = nullptr};
}

// ---- moons and csv ----

constexpr std::int64_t kPoints = 16;

struct PointsLayout {
  Places places;
  std::int64_t weight = places.take<double>(2);
  std::int64_t bias = places.take<double>(1);
  std::int64_t features = places.take<double>(2 * kPoints);
  std::int64_t label = places.take<double>(kPoints);
  std::int64_t learning_rate = places.take<double>(1);
  std::int64_t loss = places.take<double>(1);
  std::int64_t accuracy = places.take<double>(1);
  std::int64_t bytes = places.used();
};
constexpr PointsLayout kPointsAt{};

template <class Label, bool update>
void points_step(std::byte* arena, const std::int64_t*, std::int64_t batch, int member, int) {
  if (member != 0) return;
  double* w = at<double>(arena, kPointsAt.weight);
  double* bias = at<double>(arena, kPointsAt.bias);
  double loss = 0, hits = 0, g0 = 0, g1 = 0, gb = 0;
  for (std::int64_t b = 0; b < batch; ++b) {
    const double* x = at<double>(arena, kPointsAt.features) + 2 * b;
    const auto raw = static_cast<double>(at<Label>(arena, kPointsAt.label)[b]);
    const double y = sizeof(Label) == 4 ? 2 * raw - 1 : raw;
    const double margin = 1 - y * (w[0] * x[0] + w[1] * x[1] + *bias);
    hits += margin < 1 ? 1 : 0;
    if (margin <= 0) continue;
    loss += margin;
    g0 -= y * x[0];
    g1 -= y * x[1];
    gb -= y;
  }
  const auto n = static_cast<double>(batch);
  *at<double>(arena, kPointsAt.loss) = loss / n;
  *at<double>(arena, kPointsAt.accuracy) = hits / n;
  if (!update) return;
  const double rate = *at<double>(arena, kPointsAt.learning_rate);
  w[0] -= rate * g0 / n;
  w[1] -= rate * g1 / n;
  *bias -= rate * gb / n;
}

template <class Label, bool update>
constexpr KernelInfo kPointsKernels[] = {
    {"points", "fake.cpp:7", points_step<Label, update>, {}, 0, 12, 0, 24}};

template <class Label>
FakeModel points_model(const char* name, core::DatasetInfo dataset) {
  const Element e = Element::kF64;
  const Element label = sizeof(Label) == 4 ? Element::kI32 : e;
  const auto& p = kPointsAt;
  return {{.name = name,
           .source = "fake.cpp",
           .element = e,
           .arena_bytes = p.bytes,
           .check_arena_bytes = p.bytes,
           .max_batch = kPoints,
           .has_batch = true,
           .steps = 100,
           .loss = 5,
           .dataset = dataset,
           .train = entry<kPointsKernels<Label, true>>(),
           .evaluate = entry<kPointsKernels<Label, false>>()},
          {tensor("weight", Role::kParameter, e, {2}, {1}, p.weight, -1, normal(1)),
           tensor("bias", Role::kParameter, e, {}, {}, p.bias),
           tensor("features", Role::kInput, e, {kPoints, 2}, {2, 1}, p.features, 0),
           tensor("label", Role::kInput, label, {kPoints}, {1}, p.label, 0, {},
                  sizeof(Label) == 4 ? 2 : 0),
           tensor("learning_rate", Role::kSetting, e, {}, {}, p.learning_rate, -1, constant(0.1)),
           tensor("loss", Role::kOutput, e, {}, {}, p.loss),
           tensor("accuracy", Role::kOutput, e, {}, {}, p.accuracy)}};
}

// ---- text ----

constexpr std::int64_t kTextBatch = 4;
constexpr std::int64_t kTextWindow = 4;

struct TextLayout {
  Places places;
  std::int64_t scale = places.take<float>(1);
  std::int64_t tokens = places.take<std::int32_t>(kTextBatch * kTextWindow);
  std::int64_t target = places.take<std::int32_t>(kTextBatch * kTextWindow);
  std::int64_t loss = places.take<float>(1);
  std::int64_t bytes = places.used();
};
constexpr TextLayout kText{};

template <bool update>
void text_step(std::byte* arena, const std::int64_t*, std::int64_t batch, int member, int) {
  if (member != 0) return;
  float sum = 0;
  for (std::int64_t i = 0; i < batch * kTextWindow; ++i) {
    const auto difference = static_cast<float>(at<std::int32_t>(arena, kText.tokens)[i] -
                                               at<std::int32_t>(arena, kText.target)[i]);
    sum += difference * difference;
  }
  float& scale = *at<float>(arena, kText.scale);
  *at<float>(arena, kText.loss) = sum * scale * scale / static_cast<float>(batch * kTextWindow);
  if (update) scale *= 0.99f;
}

template <bool update>
constexpr KernelInfo kTextKernels[] = {{"text", "fake.cpp:8", text_step<update>, {}, 0, 8, 0, 32}};

// ---- scalar ----

struct ScalarLayout {
  Places places;
  std::int64_t a = places.take<double>(1);
  std::int64_t b = places.take<double>(1);
  std::int64_t y = places.take<double>(1);
  std::int64_t a_gradient = places.take<double>(1);
  std::int64_t b_gradient = places.take<double>(1);
  std::int64_t bytes = places.used();
};
constexpr ScalarLayout kScalar{};

void scalar_value(std::byte* arena, const std::int64_t*, std::int64_t, int member, int) {
  if (member != 0) return;
  const double a = *at<double>(arena, kScalar.a);
  const double b = *at<double>(arena, kScalar.b);
  *at<double>(arena, kScalar.y) = a * a * b;
  *at<double>(arena, kScalar.a_gradient) = 2 * a * b;
  *at<double>(arena, kScalar.b_gradient) = a * a;
}

constexpr KernelInfo kScalarKernels[] = {{"y", "fake.cpp:9", scalar_value, {}, 0, 0, 40, 0}};

}  // namespace

TensorInfo& FakeModel::tensor(Role role, const std::string& name) {
  for (TensorInfo& tensor : tensors) {
    if (tensor.role == role && tensor.name == name) return tensor;
  }
  throw std::logic_error("no tensor " + name);
}

FakeModel lines_model() {
  static FakeModel reference{make_lines<double>(), lines_tensors<double>()};
  FakeModel fake{make_lines<float>(), lines_tensors<float>()};
  fake->reference = &reference.model();
  return fake;
}

FakeModel moons_model() {
  return points_model<double>("fake_moons", {.kind = core::DatasetInfo::Kind::kMoons,
                                             .order = core::DatasetInfo::Order::kSequential,
                                             .split = false,
                                             .examples = kPoints,
                                             .noise = 0.05});
}

FakeModel csv_model() {
  return points_model<std::int32_t>("fake_csv", {.kind = core::DatasetInfo::Kind::kCsv});
}

FakeModel text_model() {
  const Element e = Element::kF32;
  return {{.name = "fake_text",
           .source = "fake.cpp",
           .element = e,
           .arena_bytes = kText.bytes,
           .check_arena_bytes = kText.bytes,
           .max_batch = kTextBatch,
           .has_batch = true,
           .steps = 20,
           .loss = 3,
           .dataset = {.kind = core::DatasetInfo::Kind::kText, .window = kTextWindow},
           .train = entry<kTextKernels<true>>(),
           .evaluate = entry<kTextKernels<false>>()},
          {tensor("scale", Role::kParameter, e, {}, {}, kText.scale, -1, constant(1)),
           tensor("tokens", Role::kInput, Element::kI32, {kTextBatch, kTextWindow},
                  {kTextWindow, 1}, kText.tokens, 0, {}, 16),
           tensor("target", Role::kInput, Element::kI32, {kTextBatch, kTextWindow},
                  {kTextWindow, 1}, kText.target, 0, {}, 16),
           tensor("loss", Role::kOutput, e, {}, {}, kText.loss)}};
}

FakeModel scalar_model() {
  const Element e = Element::kF64;
  const auto& s = kScalar;
  return {{.name = "square",
           .source = "fake.cpp",
           .element = e,
           .arena_bytes = s.bytes,
           .check_arena_bytes = s.bytes,
           .max_batch = 1,
           .has_batch = false,
           .loss = 2,
           .evaluate = entry<kScalarKernels>(),
           .predict = entry<kScalarKernels>(),
           .loss_only = entry<kScalarKernels>(),
           .gradient = entry<kScalarKernels>()},
          {tensor("a", Role::kParameter, e, {}, {}, s.a, -1, constant(3)),
           tensor("b", Role::kParameter, e, {}, {}, s.b, -1, constant(2)),
           tensor("y", Role::kOutput, e, {}, {}, s.y),
           tensor("a", Role::kGradient, e, {}, {}, s.a_gradient),
           tensor("b", Role::kGradient, e, {}, {}, s.b_gradient)}};
}

void set_gradient_fault(double fault) { gradient_fault = fault; }

}  // namespace gradc::app::testing
