#include <ir/lexer.h>

namespace gradc::ir {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '/' || c == '.' || c == '-'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) next();
    end_line();
    add(Token::Kind::kEndOfFile, "");
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void begin() { start_ = at_; }
  std::string taken(std::size_t skip = 0) const {
    return std::string(text_.substr(start_ + skip, at_ - start_ - skip));
  }
  void add(Token::Kind kind, std::string text) {
    const bool here = kind == Token::Kind::kEndOfLine || kind == Token::Kind::kEndOfFile;
    const std::size_t from = here ? at_ : start_;
    tokens_.push_back({kind, std::move(text), line_, static_cast<int>(from - line_start_) + 1});
  }
  void end_line() {
    if (!tokens_.empty() && !tokens_.back().is(Token::Kind::kEndOfLine))
      add(Token::Kind::kEndOfLine, "");
  }
  void broken(std::string message) {
    add(Token::Kind::kBroken, std::move(message));
    while (at_ < text_.size() && peek() != '\n') ++at_;
  }

  void next() {
    begin();
    const char c = peek();
    if (c == '\n') {
      end_line();
      ++at_;
      ++line_;
      line_start_ = at_;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      while (at_ < text_.size() && peek() != '\n') ++at_;
    } else if (is_letter(c)) {
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      add(Token::Kind::kWord, taken());
    } else if (is_digit(c) || c == '-') {
      number();
    } else if (c == '"') {
      string(Token::Kind::kString);
    } else if (c == '@' && peek(1) == '"') {
      ++at_;
      string(Token::Kind::kGraph);
    } else if (c == '%' || c == '@') {
      ++at_;
      while (is_name(peek())) ++at_;
      if (at_ == start_ + 1) return broken(std::string("expected a name after '") + c + "'");
      add(c == '%' ? Token::Kind::kValue : Token::Kind::kGraph, taken(1));
    } else if (std::string_view("{}[](),:=*~!").find(c) != std::string_view::npos) {
      ++at_;
      add(Token::Kind::kSign, std::string(1, c));
    } else {
      broken(c > 0x20 && c < 0x7f
                 ? std::string("unexpected character '") + c + "'"
                 : "unexpected byte " + std::to_string(static_cast<unsigned char>(c)));
    }
  }

  void number() {
    ++at_;
    while (is_digit(peek()) || is_letter(peek()) || peek() == '.' ||
           ((peek() == '-' || peek() == '+') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E')))
      ++at_;
    add(Token::Kind::kNumber, taken());
  }

  void string(Token::Kind kind) {
    std::string value;
    for (++at_; peek() != '"'; ++at_) {
      if (at_ >= text_.size() || peek() == '\n')
        return broken("expected '\"' at the end of a string");
      if (peek() != '\\') {
        value += peek();
      } else if (peek(1) == '"' || peek(1) == '\\') {
        value += peek(1);
        ++at_;
      } else if (peek(1) == 'x' && hex_digit(peek(2)) >= 0 && hex_digit(peek(3)) >= 0) {
        value += static_cast<char>(16 * hex_digit(peek(2)) + hex_digit(peek(3)));
        at_ += 3;
      } else {
        return broken("expected \\\", \\\\ or \\x and two digits in a string");
      }
    }
    ++at_;
    add(kind, std::move(value));
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0, start_ = 0, line_start_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view text) { return Lexer(text).run(); }

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::kEndOfLine:
      return "end of line";
    case Token::Kind::kEndOfFile:
      return "end of file";
    case Token::Kind::kValue:
      return "'%" + token.text + "'";
    case Token::Kind::kGraph:
      return "'@" + token.text + "'";
    case Token::Kind::kString:
      return "\"" + token.text + "\"";
    default:
      return "'" + token.text + "'";
  }
}

}  // namespace gradc::ir
