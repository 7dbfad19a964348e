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
  check(gradc_declare_bigram{}());
  check(gradc_declare_bigram_counts{}());
  check(gradc_declare_micrograd{}());
  check(gradc_declare_tiny{}());
  check(gradc_declare_neuron{}());
  check(gradc_declare_moons{}());
  check(gradc_declare_nplm{}());
  check(gradc_declare_nplm_batchnorm{}());
}

}  // namespace
}  // namespace gradc::ir
