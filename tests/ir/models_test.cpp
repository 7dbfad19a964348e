// The models that come with gradc, as graphs: well-formed, and the same after printing and parsing.
#include <gtest/gtest.h>
#include <ir/parse.h>
#include <ir/print.h>
#include <ir/verify.h>

#include "../../models/bigram.cpp"
#include "../../models/bigram_counts.cpp"
#include "../../models/micrograd.cpp"
#include "../../models/moons.cpp"
#include "../../models/nplm.cpp"
#include "../../models/nplm_batchnorm.cpp"

namespace gradc::ir {
namespace {

void check(const Graph& graph) {
  EXPECT_EQ(to_string(verify(graph)), "") << print(graph);
  EXPECT_TRUE(identical(parse_one(print(graph, {.locations = true})), graph)) << print(graph);
}

TEST(Models, AreWellFormedAndReadBackTheSame) {
  check(gradc_declare_bigram{}(Mistakes::kCollect));
  check(gradc_declare_bigram_counts{}(Mistakes::kCollect));
  check(gradc_declare_micrograd{}(Mistakes::kCollect));
  check(gradc_declare_tiny{}(Mistakes::kCollect));
  check(gradc_declare_neuron{}(Mistakes::kCollect));
  check(gradc_declare_moons{}(Mistakes::kCollect));
  check(gradc_declare_nplm{}(Mistakes::kCollect));
  check(gradc_declare_nplm_batchnorm{}(Mistakes::kCollect));
}

}  // namespace
}  // namespace gradc::ir
