// Byte-level byte-pair encoding, as GPT-2 has it.
//
// A text is cut at its special tokens, what lies between into words (pre_tokens.h). A word starts
// as one token a byte; then, of all neighbours that have a merge, the pair that comes first in the
// list of merges, the leftmost if it occurs more than once, becomes one token, until none is left.
#pragma once

#include <gradc/app/tokenizer.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gradc::app {

inline constexpr std::string_view kEndOfText = "<|endoftext|>";

// What the files of a vocabulary say (bpe_files.h).
struct BpeTables {
  struct Merge {
    std::int32_t left = 0;
    std::int32_t right = 0;
    std::int32_t whole = 0;
  };
  std::vector<std::string> tokens;      // the bytes of each
  std::array<std::int32_t, 256> bytes;  // the token of each byte, or -1
  std::vector<Merge> merges;            // no pair twice
  std::vector<std::int32_t> specials;   // found in the text as a whole; none is empty
  bool leading_space = false;           // a text between specials gets one before it
};

class Bpe final : public Tokenizer {
 public:
  explicit Bpe(BpeTables tables);

  std::int64_t size() const override { return static_cast<std::int64_t>(tables_.tokens.size()); }
  std::size_t encode(std::string_view text, const Sink& sink) override;
  std::string bytes(std::int32_t token) const override {
    return tables_.tokens[static_cast<std::size_t>(token)];
  }
  std::int32_t text_boundary() const override { return boundary_; }
  bool ends_text(std::int32_t token) const override { return token == boundary_; }
  const char* noun() const override { return "tokens"; }

 private:
  struct Result {  // of a merge
    std::int32_t rank = 0;
    std::int32_t whole = 0;
  };
  struct Symbol {  // a part of a word; those merged into their left neighbour have token -1
    std::int32_t token = -1;
    std::int32_t left = -1;
    std::int32_t right = -1;
  };
  struct Candidate {
    std::int32_t rank = 0;
    std::int32_t place = 0;  // of the left one
    std::int32_t whole = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Span {  // within remembered_
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  std::size_t encode_piece(std::string_view piece, const Sink& sink);
  std::size_t encode_words(std::string_view words, const Sink& sink);
  bool encode_word(std::string_view word, const Sink& sink);
  void merge_word(std::string_view word);  // into word_
  void consider(std::int32_t place);
  const Result* find_merge(std::int32_t left, std::int32_t right) const;

  BpeTables tables_;
  std::int32_t boundary_ = -1;
  std::unordered_map<std::uint64_t, Result> merges_;

  // The words of before, so that most of a text needs no merging.
  std::unordered_map<std::string, Span, Hash, std::equal_to<>> known_;
  std::vector<std::int32_t> remembered_;

  // Of the word being merged.
  std::vector<Symbol> symbols_;
  std::vector<Candidate> candidates_;  // a heap, the next merge on top
  std::vector<std::int32_t> word_;
};

}  // namespace gradc::app
