// What numbers the pieces of a text: its characters, or the tokens of a stored vocabulary.
#pragma once

#include <gradc/app/vocabulary.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradc::app {

// One thread at a time: an encoder may remember words.
class Tokenizer {
 public:
  // Takes the next tokens of a text; called as often as need be.
  using Sink = std::function<void(std::span<const std::int32_t>)>;

  virtual ~Tokenizer() = default;

  // Tokens are 0 .. size() - 1.
  virtual std::int64_t size() const = 0;

  // Gives the tokens of `text` to `sink` in order. Returns text.size(), or where the first
  // character or byte stands that has no token; what `sink` was given is then of no use.
  virtual std::size_t encode(std::string_view text, const Sink& sink) = 0;

  // The bytes that a token stands for; they need not be whole characters.
  virtual std::string bytes(std::int32_t token) const = 0;

  // What a text that begins with nothing is taken to follow; -1 if there is no such token.
  virtual std::int32_t text_boundary() const = 0;

  // Whether nothing of a text follows this token.
  virtual bool ends_text(std::int32_t token) const = 0;

  // "characters", "tokens"
  virtual const char* noun() const = 0;
};

// The characters of a vocabulary, each a token.
class CharacterTokenizer final : public Tokenizer {
 public:
  explicit CharacterTokenizer(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

  std::int64_t size() const override { return vocabulary_.size(); }
  std::size_t encode(std::string_view text, const Sink& sink) override;
  std::string bytes(std::int32_t token) const override;
  std::int32_t text_boundary() const override { return vocabulary_.token(U'\n'); }
  bool ends_text(std::int32_t) const override { return false; }
  const char* noun() const override { return "characters"; }

 private:
  Vocabulary vocabulary_;
};

// All tokens of a short text, or nothing if a character or byte of it has none.
std::optional<std::vector<std::int32_t>> encode_whole(Tokenizer& tokenizer, std::string_view text);

}  // namespace gradc::app
