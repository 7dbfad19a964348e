// models/transformer.cpp answering: its decoder against the whole model, beam search over both, and
// the program.
#include <gmock/gmock.h>
#include <gradc/app/answers.h>
#include <gradc/app/beam.h>
#include <gradc/app/vocabulary.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "app/harness.h"
#include "transformer.gen.h"

namespace gradc::test {
namespace {

using app::Instance;
using app::kBoundaryToken;
using app::Tokens;
using core::Role;
using core::TensorInfo;

constexpr std::int64_t kClasses = 27, kSource = 12, kBlock = 10, kBatch = 10;

const TensorInfo& tensor(Role role, std::string_view name) {
  return *app::find_tensor(transformer::kModel, role, name);
}

// Sources of every length, and targets, that look random.
Tokens some_tokens(std::int64_t size, std::int64_t seed) {
  Tokens tokens;
  for (std::int64_t i = 0; i < size; ++i)
    tokens.push_back(static_cast<std::int32_t>(1 + (7 * i * i + 3 * i + 5 * seed) % 26));
  return tokens;
}
Tokens source_of(std::int64_t row) { return some_tokens(1 + (5 * row) % kSource, row); }

void put(Instance& instance, const char* name, std::int64_t row, const Tokens& values) {
  const TensorInfo& input = tensor(Role::kInput, name);
  std::ranges::copy(values,
                    app::data_of<std::int32_t>(instance.arena(), input) + row * input.strides[0]);
}

// The whole model with random parameters, far enough from zero for its answers to differ.
class Whole {
 public:
  Whole() : instance_(transformer::kModel, Instance::Purpose::kRun) { instance_.initialise(5); }

  Instance& instance() { return instance_; }

  void put_source(std::int64_t row, Tokens source) {
    put(instance_, "length", row, {static_cast<std::int32_t>(source.size())});
    source.resize(kSource, 13);  // what is behind the length counts nothing
    put(instance_, "source", row, source);
  }

  // The logits of what follows the last of `tokens`.
  std::vector<double> after(std::int64_t row, Tokens tokens) {
    const auto last = static_cast<std::int64_t>(tokens.size()) - 1;
    tokens.resize(kBlock, 3);
    put(instance_, "tokens", row, tokens);
    transformer::kModel.predict.run(instance_.arena(), kBatch, team_);
    const TensorInfo& logits = tensor(Role::kOutput, "logits");
    std::vector<double> values(kClasses);
    app::read_row(instance_.arena(), logits, row * logits.strides[0] + last * logits.strides[1],
                  values);
    return values;
  }

 private:
  Instance instance_;
  core::Team team_{1};
};

void expect_near(const std::vector<double>& found, const std::vector<double>& wanted,
                 const std::string& where) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], wanted[i], 1e-4) << where;
}

// Each row a source of its own length; halfway some rows go on from others.
TEST(Transformer, DecodesWhatTheWholeModelSays) {
  Whole whole;
  core::Team team(1);
  app::Decoder decoder(transformer::kModel);
  decoder.load(whole.instance());
  std::vector<Tokens> targets;
  for (std::int64_t row = 0; row < kBatch; ++row) {
    Tokens source = source_of(row);
    whole.put_source(row, source);
    const auto length = static_cast<std::int32_t>(source.size());
    source.resize(kSource, kBoundaryToken);
    decoder.put("source", row, source);
    decoder.put("length", row, {&length, 1});
    targets.push_back(some_tokens(kBlock, 3 * row));
    targets.back().front() = kBoundaryToken;
  }
  // Row 3 goes on as row 1, row 1 as row 8, row 8 as row 3 and row 0 as row 1 too.
  const std::vector<std::int32_t> parents{1, 8, 2, 1, 4, 5, 6, 7, 3, 9};
  for (std::int64_t at = 0; at < kBlock; ++at) {
    if (at == kBlock / 2) {
      decoder.reorder(parents);
      const std::vector<Tokens> before = targets;
      for (std::size_t row = 0; row < targets.size(); ++row) {
        const auto parent = static_cast<std::size_t>(parents[row]);
        std::copy_n(before[parent].begin(), at, targets[row].begin());
        whole.put_source(static_cast<std::int64_t>(row), source_of(parents[row]));
        Tokens source = source_of(parents[row]);
        const auto length = static_cast<std::int32_t>(source.size());
        source.resize(kSource, kBoundaryToken);
        decoder.put("source", static_cast<std::int64_t>(row), source);
        decoder.put("length", static_cast<std::int64_t>(row), {&length, 1});
      }
    }
    for (std::int64_t row = 0; row < kBatch; ++row)
      decoder.put("tokens", row,
                  {&targets[static_cast<std::size_t>(row)][static_cast<std::size_t>(at)], 1});
    decoder.step(at, kBatch, team);
    for (std::int64_t row = 0; row < kBatch; ++row) {
      const Tokens& target = targets[static_cast<std::size_t>(row)];
      std::vector<double> found(kClasses);
      decoder.logits(row, found);
      expect_near(found, whole.after(row, {target.begin(), target.begin() + at + 1}),
                  "row " + std::to_string(row) + " at " + std::to_string(at));
    }
  }
}

// Searches with the whole model, each sequence computed from its beginning.
Tokens search(Whole& whole, const Tokens& source, std::int64_t width) {
  whole.put_source(0, source);
  app::BeamSearch beam(width, kBlock, kBoundaryToken);
  std::vector<Tokens> open{{kBoundaryToken}};
  while (beam.open() > 0) {
    std::vector<double> logits;
    for (const Tokens& sequence : open)
      for (const double logit : whole.after(0, sequence)) logits.push_back(logit);
    std::vector<Tokens> next;
    for (const app::BeamSearch::Row& row : beam.step(logits)) {
      next.push_back(open[static_cast<std::size_t>(row.parent)]);
      next.back().push_back(row.token);
    }
    open = next;
  }
  return beam.best();
}

TEST(Transformer, AnswersAsASearchOverTheWholeModel) {
  Whole whole;
  core::Team team(1);
  std::vector<Tokens> sources;
  for (std::int64_t row = 0; row < 8; ++row) sources.push_back(source_of(row));
  std::vector<std::vector<Tokens>> answers;
  for (const std::int64_t width : {1, 2, 3, 5, 10}) {
    app::Answers ask(whole.instance(), kClasses, width, team);
    EXPECT_EQ(ask.at_once(), kBatch / width);
    answers.emplace_back();
    for (std::size_t first = 0; first < sources.size();) {
      const auto count = std::min(sources.size() - first, static_cast<std::size_t>(ask.at_once()));
      std::vector<std::span<const std::int32_t>> some;
      for (std::size_t i = first; i < first + count; ++i) some.emplace_back(sources[i]);
      for (const Tokens& answer : ask.to(some)) {
        EXPECT_EQ(answer, search(whole, sources[first], width)) << first << " " << width;
        answers.back().push_back(answer);
        ++first;
      }
    }
  }
  EXPECT_NE(answers.front(), answers.back()) << "the search is no test if its width is no matter";
}

// ---- the program ----

using app::testing::Arguments;
using app::testing::Outcome;

class TransformerRun : public testing::Test {
 protected:
  TransformerRun() {
    for (int i = 0; i < 60; ++i) {
      const std::string source = word(i);
      lines_ += source + "\t" + std::string(source.rbegin(), source.rend()) + "\n";
    }
    app::testing::write_file(data_, lines_);
  }

  // Three to eight of a few letters.
  static std::string word(int i) {
    std::string text;
    for (int k = 0; k < 3 + i % 6; ++k)
      text += static_cast<char>('a' + (i * (2 * k + 1) + k * k) % 7);
    return text;
  }

  static Outcome program(const Arguments& arguments, const std::string& input = "/dev/null") {
    return app::testing::run_program({&transformer::kModel}, arguments, [&] {
      if (std::freopen(input.c_str(), "r", stdin) == nullptr) std::abort();
    });
  }

  void train(const std::string& steps) {
    const Outcome outcome =
        program({"train", "-i", data_, "-o", run_, "--steps", steps, "--lr", "0.003"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }

  // What eval says of splits with so exact answers.
  static auto matches(const std::string& exact) {
    const std::string loss = "  loss [0-9.]+", examples = "  examples [0-9]+\n";
    const std::string held_out = loss + "  exact " + exact + examples;
    const std::string all = "train" + loss + examples + "dev  " + held_out + "test " + held_out;
    return testing::MatchesRegex(all);  // in part: the loss depends on how far it has learned
  }

  Outcome sample(Arguments more, const std::string& input = "/dev/null") {
    more.insert(more.begin(), {"sample", "-m", run_});
    return program(more, input);
  }

  app::testing::TemporaryFolder folder_;
  std::string data_ = folder_ / "pairs.tsv";
  std::string run_ = folder_ / "run";
  std::string lines_;
};

TEST_F(TransformerRun, LearnsAndAnswers) {
  train("600");
  // Nearly all of what it was trained on is known by then, in all parts nine tenths at most.
  std::istringstream in(lines_);
  std::string sources, targets;
  for (std::string line; std::getline(in, line);) {
    sources += line.substr(0, line.find('\t')) + "\n";
    targets += line.substr(line.find('\t') + 1) + "\n";
  }
  const std::string input = folder_ / "sources.txt";
  app::testing::write_file(input, sources);
  const auto right = [&](const std::string& answers) {
    std::istringstream found(answers), wanted(targets);
    int count = 0;
    for (std::string a, b; std::getline(wanted, b) && std::getline(found, a);) count += a == b;
    return count;
  };
  const Outcome greedy = sample({}, input);
  EXPECT_EQ(greedy.status, 0);
  EXPECT_EQ(greedy.err, "");
  EXPECT_EQ(std::ranges::count(greedy.out, '\n'), 60);
  EXPECT_GE(right(greedy.out), 45) << greedy.out;
  const Outcome beam = sample({"--beam", "4"}, input);
  EXPECT_EQ(beam.status, 0);
  EXPECT_EQ(std::ranges::count(beam.out, '\n'), 60);
  EXPECT_GE(right(beam.out), 45) << beam.out;
  EXPECT_EQ(sample({"--threads", "2"}, input).out, greedy.out);
  // The first source by itself; a line may end as on other systems, or with the file.
  const std::string first = greedy.out.substr(0, greedy.out.find('\n') + 1);
  EXPECT_EQ(sample({"--prompt", word(0)}).out, first);
  app::testing::write_file(input, word(0) + "\r\n" + word(1));
  EXPECT_TRUE(greedy.out.starts_with(sample({}, input).out));
  EXPECT_EQ(sample({}).out, "");

  const Outcome eval = program({"eval", "-m", run_});
  EXPECT_EQ(eval.status, 0);
  EXPECT_EQ(eval.err, "");
  EXPECT_THAT(eval.out, matches("[01][.][0-9]+"));
}

// Of targets that are the model's own answers all are met, and of others none.
TEST_F(TransformerRun, CountsExactMatches) {
  train("300");
  std::string sources;
  for (int i = 0; i < 60; ++i) sources += word(i) + "\n";
  const std::string input = folder_ / "sources.txt", mine = folder_ / "mine.tsv",
                    others = folder_ / "others.tsv";
  app::testing::write_file(input, sources);
  for (const Arguments& more : {Arguments{}, Arguments{"--beam", "3"}}) {
    std::istringstream in(sources), answers(sample(more, input).out);
    std::string right, wrong;
    for (std::string source, answer; std::getline(in, source) && std::getline(answers, answer);) {
      ASSERT_FALSE(answer.empty());
      right += source + "\t" + answer + "\n";
      answer.front() = answer.front() == 'a' ? 'b' : 'a';
      wrong += source + "\t" + answer + "\n";
    }
    app::testing::write_file(mine, right);
    app::testing::write_file(others, wrong);
    const auto eval = [&](const std::string& data) {
      Arguments arguments{"eval", "-m", run_, "-i", data};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return program(arguments).out;
    };
    EXPECT_THAT(eval(mine), matches("1[.]0000"));
    EXPECT_THAT(eval(others), matches("0[.]0000"));
  }
}

TEST_F(TransformerRun, SaysWhatCannotBeAnswered) {
  train("2");
  const auto expect = [&](const Arguments& arguments, int status, const std::string& message) {
    const Outcome outcome = sample(arguments);
    EXPECT_EQ(outcome.status, status) << message;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.substr(0, outcome.err.find('\n')), "fake: error: " + message);
  };
  expect({"--prompt", "abcabcabcabca"}, 1,
         "--prompt:1: a source of 13 characters, but transformer was generated for 12; generate it "
         "again with -DSOURCE=13");
  expect({"--prompt", "abXc"}, 1, "--prompt:1:3: 'X' is not among the 8 characters of " + run_);
  expect({"--prompt", ""}, 1, "--prompt:1: there is no source");
  expect({"--prompt", "\xFF"}, 1, "--prompt:1:1: not UTF-8: 0xff cannot stand there");
  expect({"--prompt", "abc", "--beam", "11"}, 2,
         "--beam 11: transformer was generated for batches of 1 to 10");
  expect({"--prompt", "abc", "--beam", "0"}, 2, "--beam: 0 is less than 1");
  expect({"--prompt", "abc", "--beam", "two"}, 2, "--beam: two is no whole number");
  expect({"--prompt", "abc", "--temperature", "0.5"}, 2,
         "--count, --temperature and --top-k are for models that draw what they say; transformer "
         "gives the likeliest answer");
  expect({"--prompt", "abc", "-n", "3"}, 2,
         "--count, --temperature and --top-k are for models that draw what they say; transformer "
         "gives the likeliest answer");
  expect({"--prompt", "abc", "--tokens", "3"}, 2,
         "--tokens and --no-slide are for models of text; transformer is none");
}

TEST_F(TransformerRun, AnswersTheLinesBeforeAWrongOne) {
  train("2");
  const std::string input = folder_ / "sources.txt";
  app::testing::write_file(input, "abc\ncba\n\nabc\n");
  const Outcome outcome = sample({}, input);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 2);
  EXPECT_EQ(outcome.err, "fake: error: standard input:3: there is no source\n");
}

// A run on the built-in pairs is resumed and evaluated on the same ones.
TEST_F(TransformerRun, WantsRoomForTheBuiltInPairs) {
  const Outcome outcome = program({"train", "-o", run_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err.substr(0, 42), "fake: error: the built-in pairs: 47 distin");
}

}  // namespace
}  // namespace gradc::test
