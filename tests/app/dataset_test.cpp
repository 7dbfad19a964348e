#include <gradc/app/batches.h>
#include <gradc/app/binding.h>
#include <gradc/app/dataset.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/token_store.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/fake_model.h"
#include "app/harness.h"

namespace gradc::app::testing {
namespace {

using core::Role;

template <class F>
std::string complaint_of(F&& f) {
  try {
    f();
    return "accepted";
  } catch (const DataError& error) {
    return error.what();
  } catch (const UsageError& error) {
    return error.what();
  }
}

std::string complaint_about(FakeModel& fake, const std::string& bytes) {
  return complaint_of([&] { make_dataset(fake.model(), {"f.txt", bytes}, {}); });
}

// The examples of a split as text: context, '>', target.
std::vector<std::string> examples_of(FakeModel& fake, const Dataset& dataset, Split split) {
  Instance instance(fake.model(), Instance::Purpose::kRun);
  const auto& context = fake.tensor(Role::kInput, "context");
  const auto& target = fake.tensor(Role::kInput, "target");
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < dataset.examples(split); ++i) {
    const std::uint32_t chosen[] = {0, i};  // in the second slot
    dataset.fill(split, chosen, instance.arena());
    const auto show = [&](double token) {
      return static_cast<char>(dataset.vocabulary()->character(static_cast<std::int64_t>(token)));
    };
    const auto contexts = values_of(instance.arena(), context);
    const auto targets = values_of(instance.arena(), target);
    all.push_back({show(contexts[2]), show(contexts[3]), '>', show(targets[1])});
  }
  return all;
}

// ---- tokens ----

TEST(TokenStore, KeepsTokensOfEverySize) {
  TemporaryFolder folder;
  for (const std::int64_t size : {2, 256, 257, 65536, 65537, 1 << 24}) {
    const auto last = static_cast<std::int32_t>(size - 1);
    std::vector<std::int32_t> tokens;
    for (int i = 0; i < 300'000; ++i) tokens.push_back(i % 3 == 0 ? last : i % 2);
    TokenStore store(size, folder / "not/there");
    store.append(std::span(tokens).first(7));
    store.append(std::span(tokens).subspan(7));
    store.finish();
    ASSERT_EQ(store.size(), 300'000);
    store.with_tokens([&](const auto* kept) {
      EXPECT_TRUE(std::equal(tokens.begin(), tokens.end(), kept)) << size;
    });
  }
}

TEST(TokenStore, MayBeEmpty) {
  TokenStore store(5, "");
  store.finish();
  EXPECT_EQ(store.size(), 0);
}

// ---- lines ----

TEST(Lines, EveryPositionIsAnExample) {
  FakeModel fake = lines_model();
  fake->dataset.split = false;
  const auto dataset = make_dataset(fake.model(), {"f.txt", "abc\n\nd\n"}, {});
  EXPECT_EQ(examples_of(fake, *dataset, Split::kTrain),
            (std::vector<std::string>{"..>a", ".a>b", "ab>c", "bc>.", "..>d", ".d>."}));
  EXPECT_EQ(dataset->examples(Split::kDev), 0);
  EXPECT_EQ(dataset->summary(), "2 lines, 6 examples, 5 characters with the boundary");
}

TEST(Lines, LineEndsAndMarksAreNoCharacters) {
  FakeModel fake = lines_model();
  fake->dataset.split = false;
  for (const char* text : {"ab\r\nba\r\n",
                           "\xEF\xBB\xBF"
                           "ab\nba",
                           "ab\n\n\nba\n"}) {
    const auto dataset = make_dataset(fake.model(), {"f.txt", text}, {});
    EXPECT_EQ(examples_of(fake, *dataset, Split::kTrain),
              (std::vector<std::string>{"..>a", ".a>b", "ab>.", "..>b", ".b>a", "ba>."}));
  }
}

TEST(Lines, SplitsByLine) {
  FakeModel fake = lines_model();
  std::map<std::string, int> seen;
  const Source source{"f.txt", small_names()};
  const auto dataset = make_dataset(fake.model(), source, {.seed = 7});
  std::int64_t items[3];
  for (int part = 0; part < kSplits; ++part) {
    items[part] = 0;
    for (const auto& example : examples_of(fake, *dataset, static_cast<Split>(part))) {
      if (example.substr(0, 3) == "..>") ++items[part];
    }
  }
  EXPECT_EQ(items[0], 32);
  EXPECT_EQ(items[1], 4);
  EXPECT_EQ(items[2], 4);
  // The seed decides, and nothing else.
  const auto again = make_dataset(fake.model(), source, {.seed = 7});
  const auto other = make_dataset(fake.model(), source, {.seed = 8});
  const auto dev = [&](const Dataset& d) { return examples_of(fake, d, Split::kDev); };
  EXPECT_EQ(dev(*dataset), dev(*again));
  EXPECT_NE(dev(*dataset), dev(*other));
}

TEST(Lines, AWindowOfOneMayGoWithoutItsAxis) {
  FakeModel fake = lines_model();
  auto& context = fake.tensor(Role::kInput, "context");
  context.rank = 1;
  fake->dataset.window = 1;
  EXPECT_EQ(complaint_about(fake, small_names()), "accepted");
  fake->dataset.window = 2;
  EXPECT_EQ(complaint_about(fake, small_names()),
            "the model fake (fake.cpp) does not go with its data set lines: its input \"context\" "
            "(fake.cpp:1) is i32 [batch], not i32 [batch, 2]");
}

TEST(Lines, NamesEveryInputThatDoesNotFit) {
  FakeModel fake = lines_model();
  fake.tensor(Role::kInput, "target").name = "next";
  fake.tensor(Role::kInput, "context").element = core::Element::kF32;
  EXPECT_EQ(complaint_about(fake, small_names()),
            "the model fake (fake.cpp) does not go with its data set lines: its input \"context\" "
            "(fake.cpp:1) is f32 [batch, 2], not i32 [batch, 2]; it has no input \"target\" i32 "
            "[batch]; nothing feeds its input \"next\" (fake.cpp:1)");
}

TEST(Lines, RefusesTooFewLines) {
  FakeModel fake = lines_model();
  EXPECT_EQ(complaint_about(fake, "anna\n"),
            "f.txt: 1 line, but fake needs at least 10 to train, tune and test on");
  EXPECT_EQ(complaint_about(fake, "\n\n\n"),
            "f.txt: 0 lines, but fake needs at least 10 to train, tune and test on");
  fake->dataset.split = false;
  EXPECT_EQ(complaint_about(fake, "\n"), "f.txt: 0 lines, but fake needs at least 1");
}

TEST(Lines, AVocabularyThatDoesNotFitIsOneMessage) {
  FakeModel fake = lines_model();
  EXPECT_EQ(
      complaint_about(fake, small_names() + "jean-luc\no'neil\nzoë\nzoë\n"),
      "f.txt: 30 distinct characters with the boundary '.', but fake was generated for 27; "
      "the least usual, with line and column of the first: ''' (42:2), '-' (41:5), 'ë' (43:3); "
      "generate it again with -DVOCAB=30");
  fake.tensor(Role::kInput, "target").classes = 20;
  fake.tensor(Role::kInput, "target").classes_option = "";
  EXPECT_EQ(
      complaint_about(fake, small_names()),
      "f.txt: 27 distinct characters with the boundary '.', but fake was generated for 20; "
      "the least usual, with line and column of the first: 'q' (17:1), 'x' (24:1), 'g' (7:1), "
      "'j' (10:1), 'v' (4:3); declare \"target\" (fake.cpp:1) with 27 classes");
}

TEST(Lines, AForeignCharacterHasAPlace) {
  FakeModel fake = lines_model();
  const DatasetOptions options{.vocabulary = Vocabulary(true, {U'a', U'b'}),
                               .vocabulary_owner = "runs/x"};
  EXPECT_EQ(complaint_of([&] { make_dataset(fake.model(), {"f.txt", "ab\nba\naé\n"}, options); }),
            "f.txt:3:2: 'é' is not among the 3 characters of runs/x");
}

// ---- text ----

TEST(Text, TargetsAreTheNextCharacters) {
  FakeModel fake = text_model();
  fake->dataset.split = false;
  const auto dataset = make_dataset(fake.model(), {"f.txt", "abcab\nc"}, {});
  EXPECT_EQ(dataset->examples(Split::kTrain), 3);
  Instance instance(fake.model(), Instance::Purpose::kRun);
  const std::uint32_t chosen[] = {0, 2};
  dataset->fill(Split::kTrain, chosen, instance.arena());
  const auto tokens = values_of(instance.arena(), fake.tensor(Role::kInput, "tokens"));
  const auto target = values_of(instance.arena(), fake.tensor(Role::kInput, "target"));
  // '\n' is 0, a 1, b 2, c 3
  EXPECT_EQ(std::vector<double>(tokens.begin(), tokens.begin() + 8),
            (std::vector<double>{1, 2, 3, 1, 3, 1, 2, 0}));
  EXPECT_EQ(std::vector<double>(target.begin(), target.begin() + 8),
            (std::vector<double>{2, 3, 1, 2, 1, 2, 0, 3}));
}

TEST(Text, SplitsInOrder) {
  FakeModel fake = text_model();
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>('a' + i % 10));
  const auto dataset = make_dataset(fake.model(), {"f.txt", text}, {});
  EXPECT_EQ(dataset->examples(Split::kTrain), 80 - 4);
  EXPECT_EQ(dataset->examples(Split::kDev), 10 - 4);
  EXPECT_EQ(dataset->examples(Split::kTest), 10 - 4);
  EXPECT_EQ(complaint_about(fake, text.substr(0, 49)),
            "f.txt: 49 characters, but fake_text with its window of 4 needs at least 50");
}

// A text with more windows than there are numbers for gives every second, third ... of them.
TEST(Text, MoreExamplesThanCanBeNumbered) {
  FakeModel fake = text_model();
  fake->dataset.split = false;
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>('a' + i % 10));
  const auto dataset = make_dataset(fake.model(), {"f.txt", text}, {.most_examples = 49});
  ASSERT_EQ(dataset->examples(Split::kTrain), 32);  // 0, 3, ... 93
  EXPECT_EQ(dataset->evaluation_stride(), 2);
  Instance instance(fake.model(), Instance::Purpose::kRun);
  const std::uint32_t chosen[] = {1, 31};
  dataset->fill(Split::kTrain, chosen, instance.arena());
  const auto tokens = values_of(instance.arena(), fake.tensor(Role::kInput, "tokens"));
  const auto target = values_of(instance.arena(), fake.tensor(Role::kInput, "target"));
  EXPECT_EQ(tokens[0], 3);
  EXPECT_EQ(tokens[4], 3);
  EXPECT_EQ(target[7], 7);
}

// ---- csv ----

std::string csv_rows(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "0.5, -1e-3 ,1\n";
  return text;
}

TEST(Csv, ReadsRowsWithOrWithoutHeader) {
  FakeModel fake = csv_model();
  fake->dataset.split = false;
  for (const char* header : {"", "x,y,label\n", "\"x\",\"y\",\"label\"\r\n"}) {
    const auto dataset = make_dataset(
        fake.model(), {"f.csv", std::string(header) + "1,2,0\r\n\n+3,4.5,\"1\"\n"}, {});
    ASSERT_EQ(dataset->examples(Split::kTrain), 2);
    EXPECT_EQ(dataset->summary(), "2 rows, 2 features");
    Instance instance(fake.model(), Instance::Purpose::kRun);
    const std::uint32_t chosen[] = {1, 0};
    dataset->fill(Split::kTrain, chosen, instance.arena());
    const auto features = values_of(instance.arena(), fake.tensor(Role::kInput, "features"));
    const auto label = values_of(instance.arena(), fake.tensor(Role::kInput, "label"));
    EXPECT_EQ(std::vector<double>(features.begin(), features.begin() + 4),
              (std::vector<double>{3, 4.5, 1, 2}));
    EXPECT_EQ(label[0], 1);
    EXPECT_EQ(label[1], 0);
  }
}

TEST(Csv, SaysWhichCellIsWrong) {
  FakeModel fake = csv_model();
  EXPECT_EQ(complaint_about(fake, csv_rows(10)), "accepted");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,2\n"),
            "f.txt:4: 2 columns, but fake_csv takes 2 features and a label");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,x2,0\n"),
            "f.txt:4: column 2 is no finite number: \"x2\"");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,,0\n"),
            "f.txt:4: column 2 is no finite number: \"\"");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,nan,0\n"),
            "f.txt:4: column 2 is no finite number: \"nan\"");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,1e999,0\n"),
            "f.txt:4: column 2 is no finite number: \"1e999\"");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,2,2\n"),
            "f.txt:4: the label 2 is no class of fake_csv: 0 to 1");
  EXPECT_EQ(complaint_about(fake, csv_rows(3) + "1,2,0.5\n"),
            "f.txt:4: the label 0.5 is no class of fake_csv: 0 to 1");
  EXPECT_EQ(complaint_about(fake, csv_rows(1)),
            "f.txt: 1 row, but fake_csv needs at least 10 to train, tune and test on");
}

// ---- moons ----

TEST(Moons, AreTwoHalfCircles) {
  FakeModel fake = moons_model();
  fake->dataset.noise = 0;
  const auto dataset = make_dataset(fake.model(), {}, {});
  ASSERT_EQ(dataset->examples(Split::kTrain), 16);
  Instance instance(fake.model(), Instance::Purpose::kRun);
  std::vector<std::uint32_t> all(16);
  for (std::uint32_t i = 0; i < 16; ++i) all[i] = i;
  dataset->fill(Split::kTrain, all, instance.arena());
  const auto features = values_of(instance.arena(), fake.tensor(Role::kInput, "features"));
  const auto label = values_of(instance.arena(), fake.tensor(Role::kInput, "label"));
  int outer = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const double x = features[2 * i];
    const double y = features[2 * i + 1];
    if (label[i] == 1) {
      ++outer;
      EXPECT_NEAR(x * x + y * y, 1, 1e-12);
      EXPECT_GE(y, -1e-12);
    } else {
      EXPECT_EQ(label[i], -1);
      EXPECT_NEAR((x - 1) * (x - 1) + (y - 0.5) * (y - 0.5), 1, 1e-12);
      EXPECT_LE(y, 0.5 + 1e-12);
    }
  }
  EXPECT_EQ(outer, 8);
}

TEST(Moons, NoiseComesFromTheSeed) {
  FakeModel fake = moons_model();
  const auto features = [&](std::uint64_t seed) {
    const auto dataset = make_dataset(fake.model(), {}, {.seed = seed});
    Instance instance(fake.model(), Instance::Purpose::kRun);
    const std::uint32_t first[] = {0, 1, 2};
    dataset->fill(Split::kTrain, first, instance.arena());
    return values_of(instance.arena(), fake.tensor(Role::kInput, "features"));
  };
  EXPECT_EQ(features(1), features(1));
  EXPECT_NE(features(1), features(2));
}

// ---- batches ----

// Counts how often each example was asked for.
class Recorder final : public Dataset {
 public:
  explicit Recorder(std::int64_t examples) : examples_(examples) {}
  std::int64_t examples(Split split) const override {
    return split == Split::kTrain ? examples_ : 0;
  }
  void fill(Split, std::span<const std::uint32_t> examples, std::byte*) const override {
    filled.emplace_back(examples.begin(), examples.end());
  }
  std::string summary() const override { return ""; }

  mutable std::vector<std::vector<std::uint32_t>> filled;

 private:
  std::int64_t examples_;
};

using Order = core::DatasetInfo::Order;

TEST(Batches, RandomOnesDependOnSeedAndStepAlone) {
  const Recorder data(1000);
  Batches forwards(data, Order::kRandom, 5, 32);
  for (int step = 0; step < 4; ++step) EXPECT_EQ(forwards.load(step, nullptr), 32);
  Batches resumed(data, Order::kRandom, 5, 32);
  resumed.load(3, nullptr);
  Batches other(data, Order::kRandom, 6, 32);
  other.load(3, nullptr);
  ASSERT_EQ(data.filled.size(), 6u);
  EXPECT_EQ(data.filled[3], data.filled[4]);
  EXPECT_NE(data.filled[3], data.filled[2]);
  EXPECT_NE(data.filled[3], data.filled[5]);
}

TEST(Batches, RandomOnesAreUniform) {
  constexpr int kExamples = 10;
  constexpr int kSteps = 20000;
  const Recorder data(kExamples);
  Batches batches(data, Order::kRandom, 1, 5);
  for (int step = 0; step < kSteps; ++step) batches.load(step, nullptr);
  std::map<std::uint32_t, int> count;
  for (const auto& batch : data.filled) {
    for (const std::uint32_t example : batch) ++count[example];
  }
  ASSERT_EQ(count.size(), 10u);
  for (const auto& [example, n] : count) {
    EXPECT_NEAR(n, kSteps * 5 / kExamples, 500) << example;  // five standard deviations
  }
}

TEST(Batches, FileOrderVisitsEachOnceARound) {
  const Recorder data(10);
  Batches batches(data, Order::kSequential, 1, 4);
  EXPECT_EQ(batches.steps_per_round(), 3);
  const std::int64_t sizes[] = {4, 4, 2, 4};
  for (int step = 0; step < 4; ++step) EXPECT_EQ(batches.load(step, nullptr), sizes[step]);
  EXPECT_EQ(data.filled, (std::vector<std::vector<std::uint32_t>>{
                             {0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}, {0, 1, 2, 3}}));
}

TEST(Batches, AFullBatchIsLoadedOnce) {
  const Recorder data(3);
  Batches batches(data, Order::kRandom, 1, 8);
  for (int step = 0; step < 3; ++step) EXPECT_EQ(batches.load(step, nullptr), 3);
  EXPECT_EQ(data.filled, (std::vector<std::vector<std::uint32_t>>{{0, 1, 2}}));
  batches.inputs_changed();
  batches.load(3, nullptr);
  EXPECT_EQ(data.filled.size(), 2u);
}

// ---- built-in names ----

TEST(BuiltInNames, AreAThousandDistinctNamesOfAToZ) {
  const Source source = built_in_names();
  std::set<std::string> names;
  std::string name;
  for (const char c : source.bytes) {
    if (c == '\n') {
      EXPECT_FALSE(name.empty());
      EXPECT_TRUE(names.insert(name).second) << name;
      name.clear();
    } else {
      EXPECT_TRUE(c >= 'a' && c <= 'z') << c;
      name += c;
    }
  }
  EXPECT_EQ(name, "");
  EXPECT_GE(names.size(), 1000u);
}

}  // namespace
}  // namespace gradc::app::testing
