// Beam search on sequences whose probabilities are written down.
#include <gradc/app/beam.h>
#include <gradc/app/errors.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace gradc::app::testing {
namespace {

constexpr std::int32_t kEnd = 0;
constexpr std::int64_t kClasses = 4;  // the end, a, b, c

// What follows a prefix: probabilities of the end, a, b and c. Anything else is followed by all
// alike.
using Language = std::map<std::string, std::vector<double>>;

std::vector<double> logits_after(const Language& language, const std::string& prefix) {
  const auto known = language.find(prefix);
  std::vector<double> logits(kClasses, 0.0);
  // Shifted by a constant, which must not count.
  for (std::size_t i = 0; known != language.end() && i < logits.size(); ++i)
    logits[i] = std::log(known->second[i]) + 7;
  return logits;
}

std::string search(const Language& language, std::int64_t width, std::int64_t longest = 8) {
  BeamSearch beam(width, longest, kEnd);
  std::vector<std::string> open{""};
  while (beam.open() > 0) {
    std::vector<double> logits;
    for (const std::string& prefix : open)
      for (const double logit : logits_after(language, prefix)) logits.push_back(logit);
    std::vector<std::string> next;
    for (const BeamSearch::Row& row : beam.step(logits))
      next.push_back(open[static_cast<std::size_t>(row.parent)] +
                     static_cast<char>('a' + row.token - 1));
    open = next;
    EXPECT_EQ(beam.open(), static_cast<std::int64_t>(open.size()));
    EXPECT_LE(beam.open(), width);
  }
  std::string text;
  for (const std::int32_t token : beam.best()) text += static_cast<char>('a' + token - 1);
  return text;
}

constexpr double kHardly = 1e-6;
constexpr double kSure = 1 - 3e-6;

// "a" is likelier than "b", but what follows "a" is open, and "bc" is certain.
const Language kTrap{{"", {kHardly, 0.6, 0.4 - 2e-6, kHardly}},
                     {"b", {kHardly, kHardly, kHardly, kSure}},
                     {"bc", {kSure, kHardly, kHardly, kHardly}}};

TEST(Beam, OfOneTakesTheLikeliestEachTime) {
  EXPECT_EQ(search(kTrap, 1).front(), 'a');
  EXPECT_EQ(search({{"", {kHardly, kSure, kHardly, kHardly}},
                    {"a", {kHardly, kHardly, kSure, kHardly}},
                    {"ab", {kSure, kHardly, kHardly, kHardly}}},
                   1),
            "ab");
  // An end that is likeliest ends it, however much longer ones would be worth.
  EXPECT_EQ(search({{"", {0.5, 0.49, 0.005, 0.005}}, {"a", {kSure, kHardly, kHardly, kHardly}}}, 1),
            "");
}

TEST(Beam, FindsWhatIsLikelierAsAWhole) {
  EXPECT_EQ(search(kTrap, 2), "bc");
  EXPECT_EQ(search(kTrap, 3), "bc");
  EXPECT_EQ(search(kTrap, 100), "bc");  // wider than there are ways to go on
}

// log P / ((5 + n) / 6)^0.6: 0.5 in 2 tokens is worth -0.632, 0.45 in 5 tokens -0.588.
TEST(Beam, LengthIsNoFault) {
  const auto language = [](double shorter, double longer) {
    return Language{{"", {kHardly, shorter, longer, 1 - kHardly - shorter - longer}},
                    {"a", {kSure, kHardly, kHardly, kHardly}},
                    {"b", {kHardly, kHardly, kSure, kHardly}},
                    {"bb", {kHardly, kHardly, kSure, kHardly}},
                    {"bbb", {kHardly, kHardly, kSure, kHardly}},
                    {"bbbb", {kSure, kHardly, kHardly, kHardly}}};
  };
  EXPECT_EQ(search(language(0.5, 0.45), 2), "bbbb");
  EXPECT_EQ(search(language(0.5, 0.41), 2), "a");  // -0.657
}

TEST(Beam, WithoutAnEndGivesTheLikeliestThatIsOpen) {
  const Language endless{{"", {kHardly, 0.6, 0.4 - 2e-6, kHardly}},
                         {"a", {kHardly, kSure, kHardly, kHardly}},
                         {"aa", {kHardly, kSure, kHardly, kHardly}},
                         {"b", {kHardly, kHardly, kHardly, kSure}},
                         {"bc", {kHardly, kHardly, kHardly, kSure}}};
  EXPECT_EQ(search(endless, 1, 3), "aaa");
  EXPECT_EQ(search(endless, 2, 3), "aaa");
  EXPECT_EQ(search(endless, 1, 1), "a");
}

TEST(Beam, OfTwoAlikeTakesTheFirst) {
  BeamSearch beam(2, 5, kEnd);
  const std::vector<double> alike{-1, 3, 3, 3};
  const auto rows = beam.step(alike);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].token, 1);
  EXPECT_EQ(rows[1].token, 2);
}

TEST(Beam, RefusesWhatIsNotFinite) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    BeamSearch beam(2, 5, kEnd);
    const std::vector<double> logits{0, bad, 0, 0};
    EXPECT_THROW(beam.step(logits), DataError);
  }
}

}  // namespace
}  // namespace gradc::app::testing
