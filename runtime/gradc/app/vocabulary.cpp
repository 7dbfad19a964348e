#include <fmt/core.h>
#include <gradc/app/errors.h>
#include <gradc/app/utf8.h>
#include <gradc/app/vocabulary.h>

#include <algorithm>

namespace gradc::app {

Vocabulary::Vocabulary(bool has_boundary, std::vector<char32_t> characters)
    : has_boundary_(has_boundary), tokens_(std::move(characters)) {
  if (has_boundary_) tokens_.insert(tokens_.begin(), kBoundary);
  ascii_.fill(-1);
  for (std::size_t i = has_boundary_ ? 1 : 0; i < tokens_.size(); ++i) {
    if (tokens_[i] < ascii_.size()) ascii_[tokens_[i]] = static_cast<std::int32_t>(i);
  }
}

Vocabulary Vocabulary::from_text(bool has_boundary, std::string_view text,
                                 const std::string& name) {
  std::vector<char32_t> characters;
  const auto wrong = [&] {
    throw DataError(fmt::format("{}: \"vocabulary\" does not list characters in order", name));
  };
  while (!text.empty()) {
    const CodePoint next = decode_utf8(text);
    if (next.length == 0) wrong();
    characters.push_back(next.value);
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  if (has_boundary) {
    if (characters.empty() || characters.front() != kBoundary) wrong();
    characters.erase(characters.begin());
  }
  const auto not_ascending = std::adjacent_find(characters.begin(), characters.end(),
                                                [](auto a, auto b) { return a >= b; });
  if (not_ascending != characters.end()) wrong();
  return Vocabulary(has_boundary, std::move(characters));
}

std::string Vocabulary::text() const {
  std::string text;
  for (const char32_t token : tokens_) append_utf8(token, text);
  return text;
}

std::int32_t Vocabulary::token(char32_t character) const {
  if (character < ascii_.size()) return ascii_[character];
  const auto first = tokens_.begin() + (has_boundary_ ? 1 : 0);
  const auto found = std::lower_bound(first, tokens_.end(), character);
  if (found == tokens_.end() || *found != character) return -1;
  return static_cast<std::int32_t>(found - tokens_.begin());
}

}  // namespace gradc::app
