// Tokens of stored vocabularies, held against the package `tokenizers` (reference/README.md).
#include <gradc/app/bpe_files.h>
#include <gradc/app/errors.h>
#include <gradc/app/pre_tokens.h>
#include <gradc/app/source.h>
#include <gradc/app/unicode_class.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "app/harness.h"

namespace gradc::app::testing {
namespace {

using nlohmann::json;
using Tokens = std::vector<std::int32_t>;

const std::string kReference = GRADC_REFERENCE_DIR;

const json& reference() {
  static const json kWhole = json::parse(read_file(kReference + "/tokens.json"));
  return kWhole;
}

BpeFiles whole_file() {
  return {.folder = "v", .files = {{"tokenizer.json", read_file(kReference + "/tokenizer.json")}}};
}

BpeFiles file_pair() {
  return {.folder = "v",
          .files = {{"vocab.json", read_file(kReference + "/vocab.json")},
                    {"merges.txt", read_file(kReference + "/merges.txt")}}};
}

// Throws if `text` has no `from`.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string decoded(const Bpe& bpe, const Tokens& tokens) {
  std::string bytes;
  for (const std::int32_t token : tokens) bytes += bpe.bytes(token);
  return bytes;
}

void expect_reference_tokens(Bpe& bpe, const char* key) {
  for (const json& entry : reference()["cases"]) {
    const std::string text = entry["text"];
    const Tokens expected = entry.value(key, entry["ids"].get<Tokens>());
    EXPECT_EQ(encode_whole(bpe, text), expected) << text;
    EXPECT_EQ(encode_whole(bpe, text), expected) << "a second time: " << text;
  }
}

std::string words_of(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t length = pre_token_length(text);
    words += "[" + std::string(text.substr(0, length)) + "]";
    text.remove_prefix(length);
  }
  return words;
}

// ---- classes and words ----

TEST(UnicodeClass, IsThatOfTheReferenceForEveryCodePoint) {
  Fingerprint fingerprint;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c == 0xD800) c = 0xE000;
    const char kind = static_cast<char>(unicode_class(c));
    fingerprint.add({&kind, 1});
  }
  EXPECT_EQ(fingerprint.value(), reference()["classes"].get<std::uint64_t>());
  EXPECT_EQ(unicode_class(0x110000), UnicodeClass::kOther);
  EXPECT_EQ(unicode_class(0xFFFFFFFF), UnicodeClass::kOther);
}

TEST(PreTokens, AreWords) {
  EXPECT_EQ(words_of("It's 12 o'clock,\n\n  they'll"),
            "[It]['s][ 12][ o]['][clock][,][\n\n ][ they]['ll]");
  EXPECT_EQ(words_of(" \t "), "[ \t ]");
  EXPECT_EQ(words_of("a\xFF\xFF"), "[a][\xFF\xFF]");
  EXPECT_EQ(pre_token_length(""), 0u);
}

TEST(PreTokens, ACutChangesNoWord) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int k = 0; k < 12; ++k) text += "ab1!'s \n\t"[random() % 9];
    const std::size_t cut = first_cut(text);
    EXPECT_EQ(words_of(text.substr(0, cut)) + words_of(text.substr(cut)), words_of(text)) << text;
  }
  EXPECT_EQ(first_cut("  ab cd"), 4u);
  EXPECT_EQ(first_cut("  ab"), 4u);
}

// ---- tokens ----

TEST(Bpe, TokenizerFileIsExact) {
  Bpe bpe(parse_bpe_files(whole_file()));
  expect_reference_tokens(bpe, "ids");
}

TEST(Bpe, FilePairIsExact) {
  Bpe bpe(parse_bpe_files(file_pair()));
  expect_reference_tokens(bpe, "pair");
  EXPECT_EQ(bpe.text_boundary(), 0);
}

TEST(Bpe, LeadingSpaceIsExact) {
  BpeFiles files = whole_file();
  files.files[0].bytes =
      replaced(files.files[0].bytes, "\"add_prefix_space\":false", "\"add_prefix_space\":true");
  Bpe bpe(parse_bpe_files(files));
  expect_reference_tokens(bpe, "spaced");
}

TEST(Bpe, MergesAsLinesAreTheSame) {
  BpeFiles files = whole_file();
  json whole = json::parse(files.files[0].bytes);
  for (json& merge : whole["model"]["merges"]) {
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  }
  files.files[0].bytes = whole.dump();
  Bpe bpe(parse_bpe_files(files));
  expect_reference_tokens(bpe, "ids");
}

TEST(Bpe, AnyBytesComeBack) {
  Bpe bpe(parse_bpe_files(whole_file()));
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(random() % 60, '\0');
    const bool narrow = i % 2 == 0;  // words that merge, or anything
    for (char& byte : bytes) {
      byte = narrow ? "etaoin 's\n"[random() % 10] : static_cast<char>(random() % 256);
    }
    const auto tokens = encode_whole(bpe, bytes);
    ASSERT_TRUE(tokens);
    EXPECT_EQ(decoded(bpe, *tokens), bytes);
  }
  const std::string long_word(1'000'000, 'a');
  EXPECT_EQ(decoded(bpe, *encode_whole(bpe, long_word)), long_word);
}

// More words than are remembered.
TEST(Bpe, ForgettingChangesNothing) {
  Bpe bpe(parse_bpe_files(file_pair()));
  const auto before = encode_whole(bpe, "the quick brown fox");
  for (int i = 0; i < 300'000; ++i) encode_whole(bpe, std::to_string(i));
  EXPECT_EQ(encode_whole(bpe, "the quick brown fox"), before);
  EXPECT_EQ(encode_whole(bpe, "12345"), encode_whole(bpe, "12345"));
}

TEST(Bpe, StopsAtAByteWithoutAToken) {
  BpeFiles files{
      .folder = "v",
      .files = {{"vocab.json", R"({"a":0,"b":1,"ab":2,"Ġ":3})"}, {"merges.txt", "a b\n"}}};
  Bpe bpe(parse_bpe_files(files));
  EXPECT_EQ(encode_whole(bpe, "ab ab"), (Tokens{2, 3, 2}));
  EXPECT_EQ(encode_whole(bpe, "abc"), std::nullopt);
  EXPECT_EQ(bpe.encode("ab bac", [](auto) {}), 5u);
  EXPECT_EQ(bpe.text_boundary(), -1);
}

// ---- files that are wrong ----

std::string complaint(const BpeFiles& files) {
  try {
    parse_bpe_files(files);
    return "accepted";
  } catch (const DataError& error) {
    return error.what();
  }
}

std::string complaint_about_pair(const std::string& vocabulary, const std::string& merges) {
  return complaint({.folder = "v", .files = {{"vocab.json", vocabulary}, {"merges.txt", merges}}});
}

TEST(BpeFiles, SayWhatIsWrongWithAPair) {
  const std::string good = R"({"a":0,"b":1,"ab":2})";
  EXPECT_EQ(complaint_about_pair(good, "#version: 0.2\na b\n"), "accepted");
  EXPECT_EQ(complaint_about_pair(good, "#version: 0.2\r\na b\r\n"), "accepted");
  EXPECT_EQ(complaint_about_pair("{\"a\":0,", ""), "v/vocab.json: not JSON at byte 8");
  EXPECT_EQ(complaint_about_pair("{\"a\":1e999}", ""),
            "v/vocab.json: has a number that no double holds");
  EXPECT_EQ(complaint_about_pair("[]", ""),
            "v/vocab.json: the vocabulary is no object of tokens and numbers");
  EXPECT_EQ(complaint_about_pair("{}", ""), "v/vocab.json: the vocabulary is empty");
  EXPECT_EQ(complaint_about_pair(R"({"a":-1})", ""),
            "v/vocab.json: \"a\" has -1 where a number of 0 to 16777215 is wanted");
  EXPECT_EQ(complaint_about_pair(R"({"a":16777216})", ""),
            "v/vocab.json: \"a\" has 16777216 where a number of 0 to 16777215 is wanted");
  EXPECT_EQ(complaint_about_pair(R"({"a":[0]})", ""),
            "v/vocab.json: \"a\" has array where a number of 0 to 16777215 is wanted");
  EXPECT_EQ(complaint_about_pair(R"({"a":0,"b":0})", ""),
            "v/vocab.json: \"a\" and \"b\" both have the number 0");
  EXPECT_EQ(complaint_about_pair(R"({"a":0,"b":2})", ""),
            "v/vocab.json: the numbers 0 to 2 are wanted, but 1 has no token");
  EXPECT_EQ(complaint_about_pair(good, "a b\na c\n"),
            "v/merges.txt:2: \"c\" is not in the vocabulary");
  EXPECT_EQ(complaint_about_pair(good, "b a\n"), "v/merges.txt:1: \"ba\" is not in the vocabulary");
  EXPECT_EQ(complaint_about_pair(good, "a b\na b\n"),
            "v/merges.txt:2: \"a\" and \"b\" are merged a second time");
  for (const char* line : {"ab", "a b c", " ab", "ab ", ""}) {
    EXPECT_EQ(complaint_about_pair(good, "a b\n" + std::string(line) + "\n"),
              "v/merges.txt:2: two tokens and a space between them are wanted, not \"" +
                  std::string(line) + "\"");
  }
}

TEST(BpeFiles, SayWhatIsNotAsInGpt2) {
  const auto complain = [](const std::string& pointer, const json& value) {
    BpeFiles files = whole_file();
    json whole = json::parse(files.files[0].bytes);
    whole[json::json_pointer(pointer)] = value;
    files.files[0].bytes = whole.dump();
    return complaint(files);
  };
  const std::string where = "v/tokenizer.json: ";
  EXPECT_EQ(complain("/model/type", "WordPiece"),
            where + "its model is \"WordPiece\", not \"BPE\"");
  EXPECT_EQ(complain("/model", nullptr), where + "its model is missing, not \"BPE\"");
  EXPECT_EQ(complain("/pre_tokenizer/type", "Whitespace"),
            where + "its pre_tokenizer is \"Whitespace\", not \"ByteLevel\"");
  EXPECT_EQ(complain("/pre_tokenizer/use_regex", false),
            where + "\"use_regex\" is false, which GPT-2's words need");
  EXPECT_EQ(complain("/normalizer", {{"type", "NFC"}}),
            where + "\"normalizer\" is an object, which GPT-2's tokens go without");
  EXPECT_EQ(complain("/model/dropout", 0.5),
            where + "\"dropout\" is 0.5, which GPT-2's tokens go without");
  EXPECT_EQ(complain("/model/ignore_merges", true),
            where + "\"ignore_merges\" is true, which GPT-2's tokens go without");
  EXPECT_EQ(complain("/model/continuing_subword_prefix", "##"),
            where + "\"continuing_subword_prefix\" is \"##\", which GPT-2's tokens go without");
  EXPECT_EQ(complain("/model/continuing_subword_prefix", ""), "accepted");
  EXPECT_EQ(complain("/added_tokens/0/lstrip", true),
            where + "\"lstrip of <|endoftext|>\" is true, which GPT-2's tokens go without");
  EXPECT_EQ(complain("/added_tokens/0/content", ""), where + "an added token has no \"content\"");
  EXPECT_EQ(complain("/added_tokens/0/id", 7), where + "\"<|endoftext|>\" has the numbers 0 and 7");
  EXPECT_EQ(complain("/model/merges/3", 5), where + "merge 4: two tokens are wanted");
  EXPECT_EQ(complain("/model/merges/3", {"a", "水"}),
            where + "merge 4: \"水\" is not in the vocabulary");
  EXPECT_EQ(complain("/model/merges", nullptr), where + "it has no merges");
}

TEST(BpeFiles, AreLookedForInAFolder) {
  TemporaryFolder folder;
  EXPECT_FALSE(holds_bpe_files(folder.path()));
  try {
    read_bpe_files(folder.path());
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(
        error.what(),
        folder.path() + ": no tokenizer: neither tokenizer.json nor vocab.json and merges.txt");
  }
  file_pair().write(folder.path());
  EXPECT_TRUE(holds_bpe_files(folder.path()));
  EXPECT_EQ(read_bpe_files(folder.path()).hash(), file_pair().hash());
  whole_file().write(folder.path());
  EXPECT_EQ(read_bpe_files(folder.path()).hash(), whole_file().hash());
}

}  // namespace
}  // namespace gradc::app::testing
