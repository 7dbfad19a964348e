// The inputs of a model as a data set feeds them.
#pragma once

#include <gradc/app/source.h>
#include <gradc/app/tensor.h>
#include <gradc/app/tokenizer.h>
#include <gradc/app/vocabulary.h>
#include <gradc/core/model.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace gradc::app {

// An extent that may be anything.
inline constexpr std::int64_t kAnyExtent = -1;

enum class InputType { kTokens, kReal, kTokensOrReal };

struct InputWanted {
  const char* name;
  InputType type;
  std::initializer_list<std::int64_t> item_shape;  // without the batch, which comes first
};

// The model's inputs in the order wanted. Throws a DataError that names the data set, what it feeds
// and what the model has, when the two differ.
std::vector<const core::TensorInfo*> bind_inputs(const core::Model& model, const char* dataset,
                                                 std::initializer_list<InputWanted> wanted);

// Where a character stands, for messages; both count from 1.
struct Place {
  std::int64_t line = 1;
  std::int64_t column = 1;
};

struct CharacterUse {
  char32_t character = 0;
  std::int64_t count = 0;
  Place first;
};

// The characters of the data, each with its number of uses, in ascending order; lines keep their
// ends out of it. A '\r' before '\n' is not part of a line.
std::vector<CharacterUse> characters_of(std::string_view text, bool line_ends_count);

// Throws the one message about a vocabulary that `tokens` has no room for.
void require_classes(const core::Model& model, const core::TensorInfo& tokens, const Source& source,
                     const std::vector<CharacterUse>& uses, const Vocabulary& vocabulary,
                     bool has_boundary);

// "generate it again with -DVOCAB=30", or `otherwise` if no option sets what is to be 30.
std::string remedy(std::string_view option, std::int64_t value, const std::string& otherwise);

// What helps a model whose `tokens` have too few classes.
std::string classes_remedy(const core::TensorInfo& tokens, std::int64_t classes);

// Where the byte `offset` of `text` stands.
Place place_at(std::string_view text, std::size_t offset);

// Throws the message about the character at `offset` of `text`, or the one that the byte there
// belongs to, which has no token in `owner`'s vocabulary; `name` is what the text is called.
[[noreturn]] void fail_without_token(const std::string& name, std::string_view text,
                                     std::size_t offset, const Tokenizer& tokenizer,
                                     const std::string& owner);

// Throws the message about a character that `owner`'s vocabulary does not have.
[[noreturn]] void fail_unknown_character(const Source& source, Place place, char32_t character,
                                         const Vocabulary& vocabulary, const std::string& owner);

}  // namespace gradc::app
