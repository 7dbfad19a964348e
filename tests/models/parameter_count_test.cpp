// How many numbers each model fits, as the papers and lectures say.
#include <gtest/gtest.h>

#include "bigram.gen.h"
#include "bigram_counts.gen.h"
#include "gpt.gen.h"
#include "gpt2.gen.h"
#include "makemore_transformer.gen.h"
#include "microgpt.gen.h"
#include "moons.gen.h"
#include "nplm.gen.h"
#include "nplm_batchnorm.gen.h"
#include "transformer.gen.h"

namespace gradc::test {
namespace {

TEST(ParameterCount, IsThatOfThePapers) {
  EXPECT_EQ(moons::Moons::kParameters, 337);
  EXPECT_EQ(bigram_counts::BigramCounts::kParameters, 0);
  EXPECT_EQ(bigram::Bigram::kParameters, 27 * 27);
  EXPECT_EQ(nplm::Nplm::kParameters, 11'897);
  EXPECT_EQ(nplm_batchnorm::NplmBatchnorm::kParameters, 12'097);
  EXPECT_EQ(makemore_transformer::MakemoreTransformer::kParameters, 204'544);
  EXPECT_EQ(microgpt::Microgpt::kParameters, 4'192);
  EXPECT_EQ(gpt::Gpt::kParameters, 10'788'929);
  EXPECT_EQ(gpt2::Gpt2::kParameters, 124'439'808);
  EXPECT_EQ(transformer::Transformer::kParameters, 63'045'632);
}

}  // namespace
}  // namespace gradc::test
