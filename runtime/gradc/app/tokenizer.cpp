#include <gradc/app/tokenizer.h>
#include <gradc/app/utf8.h>

#include <array>

namespace gradc::app {

std::size_t CharacterTokenizer::encode(std::string_view text, const Sink& sink) {
  std::array<std::int32_t, 4096> tokens;
  std::size_t count = 0;
  std::size_t place = 0;
  while (place < text.size()) {
    const CodePoint point = decode_utf8(text.substr(place));
    const std::int32_t token = point.length == 0 ? -1 : vocabulary_.token(point.value);
    if (token < 0) break;
    tokens[count++] = token;
    if (count == tokens.size()) {
      sink(tokens);
      count = 0;
    }
    place += static_cast<std::size_t>(point.length);
  }
  if (count > 0) sink(std::span(tokens).first(count));
  return place;
}

std::string CharacterTokenizer::bytes(std::int32_t token) const {
  std::string text;
  append_utf8(vocabulary_.character(token), text);
  return text;
}

std::optional<std::vector<std::int32_t>> encode_whole(Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::int32_t> tokens;
  const std::size_t covered = tokenizer.encode(text, [&](std::span<const std::int32_t> more) {
    tokens.insert(tokens.end(), more.begin(), more.end());
  });
  if (covered < text.size()) return {};
  return tokens;
}

}  // namespace gradc::app
