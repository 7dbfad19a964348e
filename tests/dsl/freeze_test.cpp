// A graph written to flat arrays and read back is the same graph; arrays that hold something else
// are refused, whatever they hold.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "../models/nplm_batchnorm.cpp"
#include "dsl/declared.h"

namespace gradc {
namespace {

const char* intern(std::string_view name) {
  static std::set<std::string, std::less<>> names;
  return names.emplace(name).first->c_str();
}

Frozen frozen_nplm() {
  Writer writer;
  Graph graph = declared(NplmBatchNorm{});
  graph.name = "nplm_batchnorm";
  transfer(writer, graph);
  return writer.out;
}

bool reads(const Frozen& frozen) {
  Reader reader(frozen, intern);
  Graph graph;
  transfer(reader, graph);
  return reader.ok;
}

TEST(Freeze, ReadsBackWhatWasWritten) {
  const Frozen first = frozen_nplm();
  Reader reader(first, intern);
  Graph graph;
  transfer(reader, graph);
  ASSERT_TRUE(reader.ok);
  EXPECT_EQ(graph.name.str(), "nplm_batchnorm");
  EXPECT_EQ(graph.steps, 200'000);
  EXPECT_EQ(elements(graph, Role::kParameter), 12'097);
  EXPECT_STREQ(graph.batch_dim.name, "BATCH");
  EXPECT_TRUE(graph.batch_dim.batched);

  Writer again;
  transfer(again, graph);
  EXPECT_EQ(again.out.words, first.words);
  EXPECT_EQ(again.out.reals, first.reals);
  EXPECT_EQ(again.out.text.str(), first.text.str());
}

// The constant that a model file leaves behind holds the very same arrays.
TEST(Freeze, IsWhatAModelFileHolds) {
  constexpr const auto& model = gradc_model_nplm_batchnorm;
  Frozen frozen;
  frozen.words.assign(std::begin(model.words), std::end(model.words));
  frozen.reals.assign(std::begin(model.reals), std::end(model.reals) - 1);
  frozen.text = std::string_view(model.text, std::size(model.text) - 1);
  Reader reader(frozen, intern);
  Graph graph;
  transfer(reader, graph);
  ASSERT_TRUE(reader.ok);
  EXPECT_EQ(graph.name.str(), "nplm_batchnorm");
  EXPECT_EQ(names(graph, Role::kInput).str(), "context target");
}

TEST(Freeze, RefusesArraysThatEndEarly) {
  const Frozen whole = frozen_nplm();
  ASSERT_TRUE(reads(whole));
  for (std::size_t words = 0; words < whole.words.size(); ++words) {
    Frozen cut = whole;
    cut.words.resize(words);
    ASSERT_FALSE(reads(cut)) << words << " words of " << whole.words.size();
  }
  for (std::size_t reals = 0; reals < whole.reals.size(); ++reals) {
    Frozen cut = whole;
    cut.reals.resize(reals);
    ASSERT_FALSE(reads(cut)) << reals << " reals of " << whole.reals.size();
  }
  Frozen cut = whole;
  const std::string text = whole.text.str();
  cut.text = std::string_view(text).substr(0, text.size() - 1);
  EXPECT_FALSE(reads(cut));
}

TEST(Freeze, RefusesAnotherFormat) {
  Frozen other = frozen_nplm();
  other.words[0] = kFormat + 1;
  EXPECT_FALSE(reads(other));
}

// A size that is too large or negative, in the place of any word, neither crashes nor asks for all
// memory. It may be read where the word was no size.
TEST(Freeze, SurvivesAnyWord) {
  const Frozen whole = frozen_nplm();
  for (const std::int64_t word : {std::int64_t{-1}, std::int64_t{1} << 40, INT64_MIN, INT64_MAX}) {
    for (std::size_t i = 0; i < whole.words.size(); i += 3) {
      Frozen wrong = whole;
      wrong.words[i] = word;
      reads(wrong);
    }
  }
}

}  // namespace
}  // namespace gradc
