// The data set `pairs`: files of pairs, the built-in ones, and how both reach a model's inputs.
#include <gradc/app/dataset.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/made_pairs.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "app/fake_model.h"

namespace gradc::app::testing {
namespace {

using core::Element;
using core::Role;
using core::TensorInfo;

constexpr std::int64_t kBatch = 3, kSource = 6, kWindow = 4, kClasses = 12;
// Rows are padded, as in generated code.
constexpr std::int64_t kRow = 16;

TensorInfo input(const char* name, Element element, std::vector<std::int64_t> shape,
                 std::int64_t classes, std::int64_t number) {
  TensorInfo info{.name = name,
                  .role = Role::kInput,
                  .element = element,
                  .source = "pairs.cpp:1",
                  .offset = number * kBatch * kRow * 4,
                  .rank = static_cast<int>(shape.size()),
                  .batch_axis = 0,
                  .initializer = {},
                  .classes = classes,
                  .classes_option = classes == kClasses ? "VOCAB" : ""};
  std::ranges::copy(shape, info.shape);
  info.strides[0] = shape.size() == 2 ? kRow : 1;
  info.strides[1] = 1;
  return info;
}

// Inputs alone: nothing computes here.
FakeModel pairs_model() {
  const Element i32 = Element::kI32;
  return {{.name = "fake_pairs",
           .source = "pairs.cpp",
           .element = Element::kF32,
           .arena_bytes = 5 * kBatch * kRow * 4,
           .max_batch = kBatch,
           .has_batch = true,
           .dataset = {.kind = core::DatasetInfo::Kind::kPairs,
                       .split = false,
                       .window = kWindow,
                       .window_option = "BLOCK",
                       .source = kSource,
                       .source_option = "SOURCE"}},
          {input("source", i32, {kBatch, kSource}, kClasses, 0),
           input("length", i32, {kBatch}, kSource + 1, 1),
           input("tokens", i32, {kBatch, kWindow}, kClasses, 2),
           input("target", i32, {kBatch, kWindow}, kClasses, 3),
           input("weight", Element::kF32, {kBatch, kWindow}, 0, 4)}};
}

std::unique_ptr<Dataset> read(FakeModel& fake, const std::string& bytes,
                              const DatasetOptions& options = {}) {
  return make_dataset(fake.model(), {"f.tsv", bytes}, options);
}

std::string complaint_about(const std::string& bytes, const DatasetOptions& options = {}) {
  FakeModel fake = pairs_model();
  try {
    read(fake, bytes, options);
    return "accepted";
  } catch (const DataError& error) {
    return error.what();
  }
}

std::string text_of(const Dataset& dataset, std::span<const std::int32_t> tokens) {
  std::string text;
  for (const std::int32_t token : tokens)
    text += static_cast<char>(dataset.vocabulary()->character(token));
  return text;
}

// source>target of each pair of a split.
std::vector<std::string> pairs_of(const Dataset& dataset, Split split) {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < dataset.examples(split); ++i)
    all.push_back(text_of(dataset, dataset.pairs()->source(split, i)) + ">" +
                  text_of(dataset, dataset.pairs()->target(split, i)));
  return all;
}

// ---- files ----

TEST(Pairs, FillTheInputs) {
  FakeModel fake = pairs_model();
  const auto dataset = read(fake, "ten\t10\n\ntwo\t2\r\nnine\t9");
  EXPECT_EQ(dataset->summary(), "3 pairs, 11 characters with the boundary");
  EXPECT_EQ(pairs_of(*dataset, Split::kTrain),
            (std::vector<std::string>{"ten>10", "two>2", "nine>9"}));
  Instance instance(fake.model(), Instance::Purpose::kRun);
  const std::uint32_t chosen[] = {2, 0};
  std::ranges::fill(std::span(instance.arena(), 5 * kBatch * kRow * 4), std::byte{0x7F});
  dataset->fill(Split::kTrain, chosen, instance.arena());
  const auto row = [&](const char* name, std::size_t slot) {
    const auto values = values_of(instance.arena(), fake.tensor(Role::kInput, name));
    const std::size_t size = values.size() / kBatch;
    std::string text;
    for (std::size_t i = slot * size; i < (slot + 1) * size; ++i) {
      const auto value = static_cast<std::int64_t>(values[i]);
      text += std::string_view(name) == "length" || std::string_view(name) == "weight"
                  ? std::to_string(value)
                  : std::string(1, static_cast<char>(dataset->vocabulary()->character(value)));
    }
    return text;
  };
  EXPECT_EQ(row("source", 0), "nine..");
  EXPECT_EQ(row("length", 0), "4");
  EXPECT_EQ(row("tokens", 0), ".9..");
  EXPECT_EQ(row("target", 0), "9...");
  EXPECT_EQ(row("weight", 0), "1100");
  EXPECT_EQ(row("source", 1), "ten...");
  EXPECT_EQ(row("length", 1), "3");
  EXPECT_EQ(row("tokens", 1), ".10.");
  EXPECT_EQ(row("target", 1), "10..");
  EXPECT_EQ(row("weight", 1), "1110");
  EXPECT_EQ(dataset->weight(Split::kTrain, chosen), 5);
}

TEST(Pairs, TakeAsMuchRoomAsThereIs) { EXPECT_EQ(complaint_about("abcdef\tabc\n"), "accepted"); }

TEST(Pairs, HoldOutWhatWasNotSeenInAnyForm) {
  FakeModel fake = pairs_model();
  fake->dataset.split = true;
  std::string text;
  for (int target = 0; target < 50; ++target)
    for (const char* form : {"a", "b", "c", "a"})
      text += form + std::to_string(target) + "\t" + std::to_string(target) + "\n";
  fake.tensor(Role::kInput, "source").classes = 20;
  fake.tensor(Role::kInput, "tokens").classes = fake.tensor(Role::kInput, "target").classes = 20;
  const auto dataset = read(fake, text, {.seed = 3});
  std::map<std::string, std::set<int>> splits_of_target;
  std::size_t counts[kSplits];
  for (int part = 0; part < kSplits; ++part) {
    const auto pairs = pairs_of(*dataset, static_cast<Split>(part));
    counts[part] = pairs.size();
    for (const std::string& pair : pairs)
      splits_of_target[pair.substr(pair.find('>'))].insert(part);
    if (part == 0) continue;
    // Each form once, though one came twice.
    EXPECT_EQ(std::set<std::string>(pairs.begin(), pairs.end()).size(), pairs.size());
  }
  EXPECT_EQ(counts[0], 40u * 4);
  EXPECT_EQ(counts[1], 5u * 3);
  EXPECT_EQ(counts[2], 5u * 3);
  EXPECT_EQ(splits_of_target.size(), 50u);
  for (const auto& [target, splits] : splits_of_target) EXPECT_EQ(splits.size(), 1u) << target;
  EXPECT_NE(pairs_of(*dataset, Split::kTest),
            pairs_of(*read(fake, text, {.seed = 4}), Split::kTest));
}

TEST(Pairs, SayWhatIsWrongWithALine) {
  EXPECT_EQ(complaint_about("ten\t10\ntwo 2\n"), "f.tsv:2: no tab between a source and a target");
  EXPECT_EQ(complaint_about("ten\t10\t\n"),
            "f.tsv:1: more than one tab; a source and a target have one between them");
  EXPECT_EQ(complaint_about("\n\n\t10\n"), "f.tsv:3: there is no source before the tab");
  EXPECT_EQ(complaint_about("ten\t\r\n"), "f.tsv:1: there is no target behind the tab");
  EXPECT_EQ(complaint_about("t\xFFn\t10\n").substr(0, 6), "f.tsv:");
  EXPECT_EQ(complaint_about("\n"), "f.tsv: 0 distinct targets, but fake_pairs needs at least 1");
}

TEST(Pairs, SayWhatThereIsNoRoomFor) {
  EXPECT_EQ(complaint_about("ab\ta\nabcdefa\ta\nabcdefab\ta\n"),
            "f.tsv:3: a source of 8 characters, but fake_pairs was generated for 6; generate it "
            "again with -DSOURCE=8");
  EXPECT_EQ(complaint_about("a\tabcd\n"),
            "f.tsv:1: a target with its end of 5 characters, but fake_pairs was generated for 4; "
            "generate it again with -DBLOCK=5");
  EXPECT_EQ(complaint_about("abcdef\tgh\nij\tkl\n"),
            "f.tsv: 13 distinct characters with the boundary '.', but fake_pairs was generated for "
            "12; the least usual, with line and column of the first: 'a' (1:1); generate it again "
            "with -DVOCAB=13");
  FakeModel unnamed = pairs_model();
  unnamed->dataset.source_option = "";
  try {
    read(unnamed, "abcdefg\ta\n");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(),
                 "f.tsv:1: a source of 7 characters, but fake_pairs was generated for 6; declare "
                 "it for 7");
  }
}

TEST(Pairs, SayWhatARunsCharactersAreNot) {
  const DatasetOptions options{.vocabulary = Vocabulary(true, {U'a', U'b'}),
                               .vocabulary_owner = "runs/x"};
  EXPECT_EQ(complaint_about("ab\tb\n", options), "accepted");
  EXPECT_EQ(complaint_about("ab\tb\nac\tb\n", options),
            "f.tsv:2:2: 'c' is not among the 3 characters of runs/x");
  EXPECT_EQ(complaint_about("ab\tbd\n", options),
            "f.tsv:1:5: 'd' is not among the 3 characters of runs/x");
}

TEST(Pairs, SayWhatIsWrongWithTheModel) {
  FakeModel fake = pairs_model();
  fake.tensor(Role::kInput, "length").classes = kSource;
  try {
    read(fake, "a\tb\n");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(),
                 "the model fake_pairs (pairs.cpp) does not go with its data set pairs: its input "
                 "\"length\" (pairs.cpp:1) has 6 classes, but a source of 6 has 7 lengths");
  }
}

// ---- the built-in pairs ----

std::vector<std::string> made(std::uint64_t seed, std::int64_t count) {
  std::istringstream in(make_pairs_text(seed, count));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What English number words come to.
int value_of(const std::string& words) {
  static const std::map<std::string, int> kValues = {
      {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
      {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
      {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
      {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
      {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
      {"seventy", 70}, {"eighty", 80},  {"ninety", 90}};
  std::istringstream in(words);
  int total = 0, open = 0;
  for (std::string word; in >> word;) {
    if (word == "and") continue;
    if (word == "thousand") {
      total += 1000 * open;
      open = 0;
    } else if (word == "hundred") {
      open *= 100;
    } else {
      open += kValues.at(word);
    }
  }
  return total + open;
}

// A date in any of the forms, as 2021-03-03.
std::string iso_of(const std::string& date) {
  static const std::string kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::smatch found;
  const auto is = [&](const char* form) { return std::regex_match(date, found, std::regex(form)); };
  std::string year, month, day;
  if (is(R"((\d+) ([A-Z][a-z]+) (\d{4}))") ||
      is(R"((1st|2nd|3rd|\d*[04-9]th|1[123]th|21st|22nd|23rd|31st) of ([A-Z][a-z]+) (\d{4}))"))
    day = std::to_string(std::stoi(found[1])), month = found[2], year = found[3];
  else if (is(R"(([A-Z][a-z]+) (\d+), (\d{4}))"))
    month = found[1], day = found[2], year = found[3];
  else if (is(R"((\d\d)\.(\d\d)\.(\d{4}))"))
    day = found[1], month = found[2], year = found[3];
  else if (is(R"((\d{4})/(\d\d)/(\d\d))"))
    year = found[1], month = found[2], day = found[3];
  else if (is(R"((\d\d)/(\d\d)/(\d\d))"))
    day = found[1], month = found[2], year = (found[3].str() < "50" ? "20" : "19") + found[3].str();
  else
    return "no date";
  if (month.size() > 2) month = std::to_string(kMonths.find(month.substr(0, 3)) / 3 + 1);
  const auto two = [](const std::string& digits) {
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return year + "-" + two(month) + "-" + two(day);
}

TEST(MadePairs, AreRight) {
  std::set<std::string> forms;
  int longest = 0;
  for (const std::string& line : made(1, 4'000)) {
    const std::size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const std::string source = line.substr(0, tab), target = line.substr(tab + 1);
    longest = std::max(longest, static_cast<int>(source.size()));
    if (target.find('-') == std::string::npos) {
      EXPECT_EQ(std::to_string(value_of(source)), target) << source;
      forms.insert(std::to_string(target.size()) +
                   (source.find(" and ") != std::string::npos ? "and" : ""));
      continue;
    }
    EXPECT_EQ(iso_of(source), target) << source;
    std::string form = std::regex_replace(source, std::regex("[0-9]"), "0");
    form = std::regex_replace(form, std::regex("[A-Z][a-z]{3,}"), "Month");
    form = std::regex_replace(form, std::regex("^00?(st|nd|rd|th)? "), "0$1 ");
    forms.insert(std::regex_replace(form, std::regex(" 00?,"), " 0,"));
  }
  EXPECT_LE(longest, 48);
  for (const char* form :
       {"1", "2", "3", "3and", "4", "4and", "0 Month 0000", "Month 0, 0000", "0 Mar 0000",
        "0st of Month 0000", "0nd of Month 0000", "0rd of Month 0000", "0th of Month 0000",
        "00.00.0000", "0000/00/00", "00/00/00"})
    EXPECT_TRUE(forms.contains(form)) << form;
}

TEST(MadePairs, AreDrawnByTheSeed) {
  EXPECT_EQ(made(1, 50), made(1, 50));
  EXPECT_NE(made(1, 50), made(2, 50));
  // More of them begin as fewer do.
  auto more = made(1, 80);
  more.resize(50);
  EXPECT_EQ(more, made(1, 50));
}

}  // namespace
}  // namespace gradc::app::testing
