#include <gradc/core/team.h>

#include <algorithm>
#include <cmath>

#include "app/fake_model.h"

namespace gradc::app::testing {
namespace {

using core::Element;
using core::Initializer;
using core::KernelInfo;
using core::Role;
using core::TensorInfo;

constexpr std::int64_t kBatch = 4;
constexpr std::int64_t kWindow = 8;
constexpr std::int64_t kClasses = 1024;

// Rows of parameters and logits are padded, as in generated code.
constexpr std::int64_t kTableRow = 4;
constexpr std::int64_t kWeightRow = 8;
constexpr std::int64_t kLogitsRow = kClasses + 16;

constexpr std::int64_t kTable = 0;
constexpr std::int64_t kWeight = kTable + kClasses * kTableRow * 4;
constexpr std::int64_t kBias = kWeight + 2 * kWeightRow * 4;
constexpr std::int64_t kNorm = kBias + 64;
constexpr std::int64_t kTokens = kNorm + 64;
constexpr std::int64_t kTarget = kTokens + kBatch * kWindow * 4;
constexpr std::int64_t kLoss = kTarget + kBatch * kWindow * 4;
constexpr std::int64_t kLogits = kLoss + 64;
constexpr std::int64_t kBytes = kLogits + kBatch * kWindow * kLogitsRow * 4;

template <class T>
T* at(std::byte* arena, std::int64_t offset) {
  return reinterpret_cast<T*>(arena + offset);
}

void step(std::byte* arena, std::int64_t batch, bool update) {
  const auto modulus = static_cast<std::int64_t>(*at<float>(arena, kBias));
  std::int64_t wrong = 0;
  for (std::int64_t slot = 0; slot < batch; ++slot) {
    std::int64_t sum = 0;
    for (std::int64_t i = slot * kWindow; i < (slot + 1) * kWindow; ++i) {
      sum += at<std::int32_t>(arena, kTokens)[i] + 1;
      const std::int64_t next = sum % modulus;
      wrong += at<std::int32_t>(arena, kTarget)[i] != next;
      float* logits = at<float>(arena, kLogits) + i * kLogitsRow;
      for (std::int64_t v = 0; v < kClasses; ++v) {
        logits[v] =
            at<float>(arena, kTable)[v * kTableRow] - static_cast<float>(std::abs(v - next));
      }
    }
  }
  float& scale = *at<float>(arena, kNorm);
  *at<float>(arena, kLoss) =
      scale * static_cast<float>(wrong) / static_cast<float>(batch * kWindow);
  if (update) scale *= 0.5F;
}

template <bool update>
void kernel(std::byte* arena, const std::int64_t*, std::int64_t batch, int member, int) {
  if (member == 0) step(arena, batch, update);
}

template <bool update>
constexpr KernelInfo kKernels[] = {{"gpt", "gpt.cpp:1", kernel<update>, {}, 0, 8, 0, 32}};

template <bool update>
void run(std::byte* arena, std::int64_t batch, core::Team& team) {
  team.run(
      [&](int member, int members) { kernel<update>(arena, nullptr, batch, member, members); });
}

TensorInfo tensor(const char* name, Role role, Element element, std::vector<std::int64_t> shape,
                  std::vector<std::int64_t> strides, std::int64_t offset) {
  const bool tokens = element == Element::kI32;
  TensorInfo info{.name = name,
                  .role = role,
                  .element = element,
                  .source = "gpt.cpp:1",
                  .offset = offset,
                  .rank = static_cast<int>(shape.size()),
                  .batch_axis = tokens || shape.size() == 3 ? 0 : -1,
                  .initializer = {},
                  .classes = tokens ? kClasses : 0,
                  .classes_option = tokens ? "VOCAB" : ""};
  std::ranges::copy(shape, info.shape);
  std::ranges::copy(strides, info.strides);
  return info;
}

}  // namespace

FakeModel gpt_model() {
  const Element f32 = Element::kF32;
  const Element i32 = Element::kI32;
  FakeModel fake{
      {.name = "fake_gpt",
       .source = "gpt.cpp",
       .element = f32,
       .arena_bytes = kBytes,
       .check_arena_bytes = kBytes,
       .max_batch = kBatch,
       .has_batch = true,
       .steps = 4,
       .loss = 6,
       .dataset = {.kind = core::DatasetInfo::Kind::kText, .window = kWindow},
       .train = {run<true>, kKernels<true>},
       .evaluate = {run<false>, kKernels<false>},
       .predict = {run<false>, kKernels<false>}},
      {tensor("wte/weight", Role::kParameter, f32, {kClasses, 2}, {kTableRow, 1}, kTable),
       tensor("h/0/attn/c_attn/weight", Role::kParameter, f32, {2, 6}, {kWeightRow, 1}, kWeight),
       tensor("h/0/attn/c_attn/bias", Role::kParameter, f32, {6}, {1}, kBias),
       tensor("ln_f/weight", Role::kParameter, f32, {2}, {1}, kNorm),
       tensor("tokens", Role::kInput, i32, {kBatch, kWindow}, {kWindow, 1}, kTokens),
       tensor("target", Role::kInput, i32, {kBatch, kWindow}, {kWindow, 1}, kTarget),
       tensor("loss", Role::kOutput, f32, {}, {}, kLoss),
       tensor("logits", Role::kOutput, f32, {kBatch, kWindow, kClasses},
              {kWindow * kLogitsRow, kLogitsRow, 1}, kLogits)}};
  fake.tensor(Role::kParameter, "h/0/attn/c_attn/weight").initializer = {Initializer::Kind::kNormal,
                                                                         0, 1};
  fake.tensor(Role::kParameter, "h/0/attn/c_attn/bias").initializer.a = 5;
  fake.tensor(Role::kParameter, "ln_f/weight").initializer.a = 1;
  return fake;
}

}  // namespace gradc::app::testing
