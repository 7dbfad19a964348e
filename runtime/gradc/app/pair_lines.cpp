#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/errors.h>
#include <gradc/app/pair_lines.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <limits>

namespace gradc::app {
namespace {

// A line of the data without its end.
struct Line {
  std::string_view text;
  std::int64_t number;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const bool ended = end != std::string_view::npos;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(ended ? end + 1 : text.size());
    if (ended && line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back({line, number});
  }
  return lines;
}

struct Sides {
  std::string_view source, target;
};

Sides sides_of(const Line& line, const Source& source) {
  const auto fail = [&](const char* what) {
    throw DataError(fmt::format("{}:{}: {}", source.name, line.number, what));
  };
  const std::size_t tab = line.text.find('\t');
  if (tab == std::string_view::npos) fail("no tab between a source and a target");
  const Sides sides{line.text.substr(0, tab), line.text.substr(tab + 1)};
  if (sides.target.find('\t') != std::string_view::npos)
    fail("more than one tab; a source and a target have one between them");
  if (sides.source.empty()) fail("there is no source before the tab");
  if (sides.target.empty()) fail("there is no target behind the tab");
  return sides;
}

// Appends the tokens of `text`, which begins at `place`.
void encode(std::string_view text, Place place, const Source& source, const Vocabulary& vocabulary,
            const std::string& owner, std::vector<std::int32_t>& tokens) {
  for (; !text.empty(); ++place.column) {
    const CodePoint point = decode_utf8(text);
    if (point.length == 0) {
      throw DataError(fmt::format("{}:{}:{}: not UTF-8: 0x{:02x} cannot stand there", source.name,
                                  place.line, place.column,
                                  static_cast<unsigned char>(text.front())));
    }
    const std::int32_t token = vocabulary.token(point.value);
    if (token < 0) fail_unknown_character(source, place, point.value, vocabulary, owner);
    tokens.push_back(token);
    text.remove_prefix(static_cast<std::size_t>(point.length));
  }
}

// The longest source or target of a data set, and where it stands.
struct Longest {
  std::int64_t size = 0, line = 0;

  void see(std::int64_t its_size, std::int64_t its_line) {
    if (its_size > size) *this = {its_size, its_line};
  }
};

void require_room(const core::Model& model, const std::string& place, const char* what,
                  std::int64_t size, std::int64_t room, const char* option) {
  if (size <= room) return;
  throw DataError(fmt::format("{}: {} of {} characters, but {} was generated for {}; {}", place,
                              what, size, model.name, room,
                              remedy(option, size, fmt::format("declare it for {}", size))));
}

void require_room_for_source(const core::Model& model, const std::string& place,
                             std::int64_t size) {
  require_room(model, place, "a source", size, model.dataset.source, model.dataset.source_option);
}

}  // namespace

PairLines read_pair_lines(const core::Model& model, const core::TensorInfo& narrowest,
                          const Source& source, const DatasetOptions& options) {
  PairLines all;
  require_utf8_text(source.bytes, source.name);
  const std::string_view text = without_byte_order_mark(source.bytes);
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    throw DataError(fmt::format("{}: more characters than can be numbered", source.name));
  const std::vector<Line> lines = lines_of(text);
  std::vector<Sides> sides;
  for (const Line& line : lines) sides.push_back(sides_of(line, source));
  if (options.vocabulary) {
    all.vocabulary = *options.vocabulary;
  } else {
    auto uses = characters_of(text, false);
    std::erase_if(uses, [](const CharacterUse& use) { return use.character == U'\t'; });
    std::vector<char32_t> characters;
    for (const CharacterUse& use : uses) characters.push_back(use.character);
    all.vocabulary = Vocabulary(true, std::move(characters));
    require_classes(model, narrowest, source, uses, all.vocabulary, true);
  }
  Longest longest_source, longest_target;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto here = [&] { return static_cast<std::uint32_t>(all.tokens.size()); };
    const auto put = [&](std::string_view side, std::int64_t column) {
      encode(side, {lines[i].number, column}, source, all.vocabulary, options.vocabulary_owner,
             all.tokens);
    };
    const std::uint32_t first = here();
    put(sides[i].source, 1);
    const std::uint32_t second = here();
    put(sides[i].target, second - first + 2);
    all.pairs.push_back({first, second, here()});
    longest_source.see(second - first, lines[i].number);
    longest_target.see(here() - second + 1, lines[i].number);
  }
  const auto place = [&](const Longest& one) {
    return fmt::format("{}:{}", source.name, one.line);
  };
  require_room_for_source(model, place(longest_source), longest_source.size);
  require_room(model, place(longest_target), "a target with its end", longest_target.size,
               model.dataset.window, model.dataset.window_option);
  return all;
}

std::vector<std::int32_t> encode_source(const core::Model& model, const Vocabulary& vocabulary,
                                        const std::string& owner, std::string_view text,
                                        const std::string& name, std::int64_t line) {
  if (text.empty()) throw DataError(fmt::format("{}:{}: there is no source", name, line));
  std::vector<std::int32_t> tokens;
  encode(text, {line, 1}, Source(name, std::string_view(), nullptr), vocabulary, owner, tokens);
  require_room_for_source(model, fmt::format("{}:{}", name, line),
                          static_cast<std::int64_t>(tokens.size()));
  return tokens;
}

}  // namespace gradc::app
