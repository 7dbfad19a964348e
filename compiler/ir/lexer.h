// The words of a graph's text.
//
// A line of text is a statement, so ends of lines are tokens; // begins a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradc::ir {

struct Token {
  enum class Kind {
    kWord,    // graph, f32, batch
    kValue,   // %hidden/weight: `text` is without the sign
    kGraph,   // @nplm, or @"any name"
    kString,  // "any text", escapes resolved
    kNumber,  // -12, 0.5, 1e-05, -inf; the words inf and nan are numbers where one is expected
    kSign,    // one of { } [ ] ( ) , : = * !
    kEndOfLine,
    kEndOfFile,
    kBroken,  // `text` says what is wrong
  };
  Kind kind = Kind::kEndOfFile;
  std::string text;
  int line = 1;
  int column = 1;

  bool is(Kind k) const { return kind == k; }
  bool is_sign(char sign) const { return kind == Kind::kSign && text[0] == sign; }
  bool is_word(std::string_view word) const { return kind == Kind::kWord && text == word; }
};

// Ends with kEndOfFile; several ends of lines in a row are one. After a kBroken token reading goes
// on with the next line.
std::vector<Token> tokens_of(std::string_view text);

// "'add'", "end of line": for messages.
std::string describe(const Token& token);

}  // namespace gradc::ir
