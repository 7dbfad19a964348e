// The sizes that the models of models/ have in their sources. To compile this file is to pass it.
#include "../models/bigram.cpp"
#include "../models/bigram_counts.cpp"
#include "../models/micrograd.cpp"
#include "../models/moons.cpp"
#include "../models/nplm.cpp"
#include "../models/nplm_batchnorm.cpp"
#include "dsl/declared.h"

namespace gradc {
namespace {

constexpr std::int64_t parameters_of(const auto& model) {
  return elements(declared(model), Role::kParameter);
}
static_assert(parameters_of(Micrograd{}) == 2);
static_assert(parameters_of(Tiny{}) == 2);
static_assert(parameters_of(Neuron{}) == 5);
static_assert(parameters_of(Moons{}) == 337);
static_assert(parameters_of(BigramCounts{}) == 0);
static_assert(parameters_of(Bigram{}) == 27 * 27);
static_assert(parameters_of(Nplm{}) == 11'897);
static_assert(parameters_of(NplmBatchNorm{}) == 12'097);
static_assert(parameters_of(Nplm{.vocab = 65, .context = 8, .embedding = 24, .hidden = 512}) ==
              65 * 24 + (8 * 24 + 1) * 512 + (512 + 1) * 65);

static_assert(declared(Micrograd{}).real == Element::kF64);
static_assert(declared(Micrograd{}).updates.empty() && declared(Micrograd{}).loss >= 0);
static_assert(declared(Moons{}).steps == 100);
static_assert(declared(BigramCounts{}).steps == 0 && declared(BigramCounts{}).loss < 0);
static_assert(declared(BigramCounts{}).updates.size() == 1);
static_assert(!declared(Bigram{}).data.split);
static_assert(names(declared(Nplm{}), Role::kInput) == "context target");
static_assert(names(declared(Nplm{}), Role::kParameter) ==
              "embedding hidden/weight hidden/bias output/weight output/bias");
static_assert(names(declared(NplmBatchNorm{}), Role::kParameter) ==
              "embedding hidden/weight norm/weight norm/bias output/weight output/bias");

}  // namespace
}  // namespace gradc
