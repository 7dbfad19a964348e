#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/errors.h>
#include <gradc/app/line_items.h>
#include <gradc/app/utf8.h>

#include <limits>

namespace gradc::app {
namespace {

void encode(LineItems& all, const Source& source, const DatasetOptions& options, std::int64_t gap) {
  const std::string_view text = without_byte_order_mark(source.bytes);
  std::vector<std::int32_t>& tokens = all.tokens;
  const auto pad = [&] {
    tokens.insert(tokens.end(), static_cast<std::size_t>(gap), kBoundaryToken);
  };
  tokens.reserve(text.size() + static_cast<std::size_t>(gap));
  pad();
  Place place;
  std::size_t first = tokens.size();
  const auto end_item = [&] {
    if (tokens.size() == first) return;
    all.items.emplace_back(first, tokens.size());
    pad();
    first = tokens.size();
  };
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text.substr(i));
    i += static_cast<std::size_t>(point.length);
    if (point.value == U'\n') {
      end_item();
      place = {place.line + 1, 1};
      continue;
    }
    const bool return_of_line = point.value == U'\r' && i < text.size() && text[i] == '\n';
    if (!return_of_line) {
      const std::int32_t token = all.vocabulary.token(point.value);
      if (token < 0) {
        fail_unknown_character(source, place, point.value, all.vocabulary,
                               options.vocabulary_owner);
      }
      tokens.push_back(token);
    }
    ++place.column;
  }
  end_item();
}

}  // namespace

LineItems read_line_items(const core::Model& model, const core::TensorInfo& narrowest,
                          const Source& source, const DatasetOptions& options, std::int64_t gap) {
  LineItems all;
  require_utf8_text(source.bytes, source.name);
  if (options.vocabulary) {
    all.vocabulary = *options.vocabulary;
  } else {
    const auto uses = characters_of(without_byte_order_mark(source.bytes), false);
    std::vector<char32_t> characters;
    for (const CharacterUse& use : uses) characters.push_back(use.character);
    all.vocabulary = Vocabulary(true, std::move(characters));
    require_classes(model, narrowest, source, uses, all.vocabulary, true);
  }
  encode(all, source, options, gap);
  require_items(model, source, all.items.size(), "line");
  if (all.tokens.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw DataError(fmt::format("{}: more characters than can be numbered", source.name));
  }
  return all;
}

}  // namespace gradc::app
