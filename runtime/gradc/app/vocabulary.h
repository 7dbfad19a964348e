// The characters of a data set, numbered from 0.
//
// A data set of lines has a boundary token at 0, shown as '.'. It is a token of its own: a '.' in
// the data is an ordinary character with another number.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradc::app {

// The token before and after every item.
inline constexpr std::int32_t kBoundaryToken = 0;

class Vocabulary {
 public:
  static constexpr char32_t kBoundary = U'.';

  // `characters` in ascending order, each once.
  Vocabulary(bool has_boundary, std::vector<char32_t> characters);

  // What `text` gave. Throws a DataError if `text` cannot be from there.
  static Vocabulary from_text(bool has_boundary, std::string_view text, const std::string& name);

  // All tokens in order as UTF-8, the boundary first.
  std::string text() const;

  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
  char32_t character(std::int64_t token) const { return tokens_[static_cast<std::size_t>(token)]; }

  // The token of a character, or -1.
  std::int32_t token(char32_t character) const;

  bool operator==(const Vocabulary&) const = default;

 private:
  bool has_boundary_;
  std::vector<char32_t> tokens_;
  std::array<std::int32_t, 128> ascii_;  // the common case needs no search
};

}  // namespace gradc::app
