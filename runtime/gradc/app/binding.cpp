#include <fmt/format.h>
#include <gradc/app/binding.h>
#include <gradc/app/errors.h>
#include <gradc/app/instance.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace gradc::app {
namespace {

using core::Element;
using core::Role;
using core::TensorInfo;

std::string wanted_text(const InputWanted& wanted) {
  std::string text = wanted.type == InputType::kTokens ? "i32 [batch" : "[batch";
  for (const std::int64_t extent : wanted.item_shape) {
    text += extent == kAnyExtent ? ", any" : ", " + std::to_string(extent);
  }
  return text + "]";
}

bool fits(const TensorInfo& tensor, const InputWanted& wanted) {
  const bool tokens = tensor.element == Element::kI32;
  if (wanted.type == InputType::kTokens && !tokens) return false;
  if (wanted.type == InputType::kReal && tokens) return false;
  if (tensor.batch_axis != 0) return false;
  // A window of one may go without its axis.
  const bool one = wanted.item_shape.size() == 1 && *wanted.item_shape.begin() == 1;
  if (one && tensor.rank == 1) return true;
  if (tensor.rank != 1 + static_cast<int>(wanted.item_shape.size())) return false;
  int axis = 1;
  for (const std::int64_t extent : wanted.item_shape) {
    if (extent != kAnyExtent && tensor.shape[axis] != extent) return false;
    ++axis;
  }
  return true;
}

}  // namespace

std::vector<const TensorInfo*> bind_inputs(const core::Model& model, const char* dataset,
                                           std::initializer_list<InputWanted> wanted) {
  std::vector<const TensorInfo*> bound;
  std::vector<std::string> problems;
  for (const InputWanted& one : wanted) {
    const TensorInfo* input = find_tensor(model, Role::kInput, one.name);
    bound.push_back(input);
    if (input == nullptr) {
      problems.push_back(fmt::format("it has no input \"{}\" {}", one.name, wanted_text(one)));
    } else if (!fits(*input, one)) {
      problems.push_back(fmt::format("its input \"{}\" ({}) is {} {}, not {}", one.name,
                                     input->source, element_name(input->element),
                                     shape_text(*input), wanted_text(one)));
    }
  }
  for (const TensorInfo* input : tensors_of(model, Role::kInput)) {
    const bool known = std::ranges::any_of(
        wanted, [&](const InputWanted& one) { return std::string_view(one.name) == input->name; });
    if (!known) {
      problems.push_back(
          fmt::format("nothing feeds its input \"{}\" ({})", input->name, input->source));
    }
  }
  if (!problems.empty()) {
    throw DataError(fmt::format("the model {} ({}) does not go with its data set {}: {}",
                                model.name, model.source, dataset, fmt::join(problems, "; ")));
  }
  return bound;
}

std::vector<CharacterUse> characters_of(std::string_view text, bool line_ends_count) {
  std::map<char32_t, CharacterUse> uses;
  CharacterUse* ascii[128] = {};  // most text needs no search
  Place place;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text.substr(i));
    i += static_cast<std::size_t>(point.length);
    const bool return_of_line = point.value == U'\r' && i < text.size() && text[i] == '\n';
    const bool line_end = point.value == U'\n' || return_of_line;
    if (!line_end || line_ends_count) {
      CharacterUse* use = point.value < 128 ? ascii[point.value] : nullptr;
      if (use == nullptr) {
        use = &uses.try_emplace(point.value, CharacterUse{point.value, 0, place}).first->second;
        if (point.value < 128) ascii[point.value] = use;
      }
      ++use->count;
    }
    ++place.column;
    if (point.value == U'\n') place = {place.line + 1, 1};
  }
  std::vector<CharacterUse> ordered;
  for (const auto& [character, use] : uses) ordered.push_back(use);
  return ordered;
}

std::string remedy(std::string_view option, std::int64_t value, const std::string& otherwise) {
  return option.empty() ? otherwise : fmt::format("generate it again with -D{}={}", option, value);
}

std::string classes_remedy(const TensorInfo& tokens, std::int64_t classes) {
  return remedy(
      tokens.classes_option, classes,
      fmt::format("declare \"{}\" ({}) with {} classes", tokens.name, tokens.source, classes));
}

void require_classes(const core::Model& model, const TensorInfo& tokens, const Source& source,
                     const std::vector<CharacterUse>& uses, const Vocabulary& vocabulary,
                     bool has_boundary) {
  if (vocabulary.size() <= tokens.classes) return;
  constexpr std::int64_t kShown = 5;
  // Nothing says which ones the model was meant for; what is no small letter, and then what is
  // rare, is the likely surprise.
  std::vector<CharacterUse> unusual = uses;
  std::ranges::stable_sort(unusual, {}, [](const CharacterUse& use) {
    return std::pair(use.character >= U'a' && use.character <= U'z', use.count);
  });
  const auto shown = std::min(
      {vocabulary.size() - tokens.classes, kShown, static_cast<std::int64_t>(unusual.size())});
  std::vector<std::string> places;
  for (std::int64_t i = 0; i < shown; ++i) {
    const CharacterUse& use = unusual[static_cast<std::size_t>(i)];
    places.push_back(
        fmt::format("{} ({}:{})", quoted(use.character), use.first.line, use.first.column));
  }
  throw DataError(fmt::format(
      "{}: {} distinct characters{}, but {} was generated for {}; the least usual, with line and "
      "column of the first: {}; {}",
      source.name, vocabulary.size(), has_boundary ? " with the boundary '.'" : "", model.name,
      tokens.classes, fmt::join(places, ", "), classes_remedy(tokens, vocabulary.size())));
}

Place place_at(std::string_view text, std::size_t offset) {
  Place place;
  for (std::size_t i = 0; i < offset;) {
    const CodePoint point = decode_utf8(text.substr(i));
    i += static_cast<std::size_t>(std::max(1, point.length));
    ++place.column;
    if (point.value == U'\n') place = {place.line + 1, 1};
  }
  return place;
}

void fail_without_token(const std::string& name, std::string_view text, std::size_t offset,
                        const Tokenizer& tokenizer, const std::string& owner) {
  const auto continues = [&](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  while (offset > 0 && continues(text[offset])) --offset;
  const Place place = place_at(text, offset);
  throw DataError(fmt::format("{}:{}:{}: {} is not among the {} {} of {}", name, place.line,
                              place.column, quoted(decode_utf8(text.substr(offset)).value),
                              tokenizer.size(), tokenizer.noun(), owner));
}

void fail_unknown_character(const Source& source, Place place, char32_t character,
                            const Vocabulary& vocabulary, const std::string& owner) {
  throw DataError(fmt::format("{}:{}:{}: {} is not among the {} characters of {}", source.name,
                              place.line, place.column, quoted(character), vocabulary.size(),
                              owner));
}

}  // namespace gradc::app
