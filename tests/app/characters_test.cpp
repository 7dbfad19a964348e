// UTF-8, vocabularies, and where a character stands.
#include <gradc/app/binding.h>
#include <gradc/app/errors.h>
#include <gradc/app/utf8.h>
#include <gradc/app/vocabulary.h>
#include <gtest/gtest.h>

namespace gradc::app::testing {
namespace {

std::string complaint_about(const std::string& text) {
  try {
    require_utf8_text(text, "f.txt");
    return "accepted";
  } catch (const DataError& error) {
    return error.what();
  }
}

TEST(Utf8, EveryCodePointSurvives) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c == 0xD800) c = 0xE000;
    std::string text;
    append_utf8(c, text);
    const CodePoint point = decode_utf8(text + "z");
    ASSERT_EQ(point.value, c);
    ASSERT_EQ(static_cast<std::size_t>(point.length), text.size());
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      ASSERT_EQ(decode_utf8(text.substr(0, cut)).length, 0);
    }
  }
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  for (const char* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xFF", "\xC3(", "\xE2\x82(", "\xF0\x9F\x98("}) {
    EXPECT_EQ(decode_utf8(bad).length, 0);
  }
}

TEST(Utf8, SaysWhereTextIsNoText) {
  EXPECT_EQ(complaint_about("anna\nzoë\n"), "accepted");
  EXPECT_EQ(complaint_about("anna\nbo\xFF"),
            "f.txt: not UTF-8 at byte 7 (line 2): 0xff cannot stand there");
  EXPECT_EQ(complaint_about("zo\xC3"),
            "f.txt: not UTF-8 at byte 2 (line 1): 0xc3 cannot stand there");
  EXPECT_EQ(complaint_about(std::string("a\n\nb\0c", 6)),
            "f.txt: a text file is wanted, this one is binary: NUL at byte 4 (line 3)");
}

TEST(Utf8, QuotesWhatShows) {
  EXPECT_EQ(quoted(U'e'), "'e'");
  EXPECT_EQ(quoted(U'é'), "'é'");
  EXPECT_EQ(quoted(U'\a'), "U+0007");
  EXPECT_EQ(quoted(0xA0), "U+00A0");
  EXPECT_EQ(quoted(0x200B), "U+200B");
}

TEST(Utf8, ShortensByWholeCharacters) {
  EXPECT_EQ(shortened(""), "");
  std::string forty;
  for (int i = 0; i < 40; ++i) append_utf8(U'é', forty);
  EXPECT_EQ(shortened(forty), forty);
  EXPECT_EQ(shortened(forty + "n"), forty + "...");
  EXPECT_EQ(shortened(std::string(41, '\xFF')), std::string(40, '\xFF') + "...");
}

TEST(Vocabulary, NumbersCharactersAfterTheBoundary) {
  const Vocabulary v(true, {U'a', U'b', U'é', U'水'});
  EXPECT_EQ(v.size(), 5);
  EXPECT_EQ(v.text(), ".abé水");
  EXPECT_EQ(v.token(U'a'), 1);
  EXPECT_EQ(v.token(U'é'), 3);
  EXPECT_EQ(v.token(U'水'), 4);
  EXPECT_EQ(v.token(U'c'), -1);
  EXPECT_EQ(v.token(U'火'), -1);
  EXPECT_EQ(v.token(U'.'), -1);
  EXPECT_EQ(v.character(3), U'é');
  EXPECT_EQ(Vocabulary::from_text(true, v.text(), "f"), v);
}

TEST(Vocabulary, TellsAFullStopFromTheBoundary) {
  const Vocabulary v(true, {U'.', U'a'});
  EXPECT_EQ(v.text(), "..a");
  EXPECT_EQ(v.token(U'.'), 1);
  EXPECT_EQ(v.token(U'a'), 2);
  EXPECT_EQ(Vocabulary::from_text(true, "..a", "f"), v);
}

TEST(Vocabulary, RefusesTextThatCannotBeOne) {
  for (const char* bad : {"", "abc", ".ba", ".aa", ".a\xFF"}) {
    EXPECT_THROW(
        try { Vocabulary::from_text(true, bad, "f"); } catch (const DataError& error) {
          EXPECT_STREQ(error.what(), "f: \"vocabulary\" does not list characters in order");
          throw;
        },
        DataError)
        << bad;
  }
  EXPECT_EQ(Vocabulary::from_text(false, "abc", "f").size(), 3);
}

TEST(Characters, CountsAndPlacesThem) {
  const auto uses = characters_of("ab\r\nbé\n\nb", false);
  ASSERT_EQ(uses.size(), 3u);
  EXPECT_EQ(uses[0].character, U'a');
  EXPECT_EQ(uses[1].character, U'b');
  EXPECT_EQ(uses[1].count, 3);
  EXPECT_EQ(uses[2].character, U'é');
  EXPECT_EQ(uses[2].first.line, 2);
  EXPECT_EQ(uses[2].first.column, 2);
  EXPECT_EQ(characters_of("a\nb", true).size(), 3u);
}

}  // namespace
}  // namespace gradc::app::testing
