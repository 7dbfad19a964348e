// The files of a byte-level vocabulary: tokenizer.json, or vocab.json and merges.txt.
//
// In them a byte that does not print stands as another character: the bytes '!' to '~', 0xA1 to
// 0xAC and 0xAE to 0xFF as the code points of their own number, all others in order as U+0100,
// U+0101, ... A token with a character that stands for no byte is its own text.
//
// tokenizer.json says more than a vocabulary. What changes the tokens of a text is taken (special
// tokens, the space before a text) or, if it is not GPT-2's, refused. Truncation, padding and what
// it would add around a text are passed over: a data set is one text.
#pragma once

#include <gradc/app/bpe.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gradc::app {

// A vocabulary as it lies in a folder: to be parsed, and to be written beside what is trained.
struct BpeFiles {
  struct File {
    std::string name;  // without a folder
    std::string bytes;
  };
  std::string folder;  // for messages
  std::vector<File> files;

  std::uint64_t hash() const;  // of the bytes

  // Each replaces a file of its name as a whole. Throws a DataError when the disk will not take it.
  void write(const std::string& into) const;
};

inline constexpr const char* kTokenizerFile = "tokenizer.json";
inline constexpr const char* kVocabularyFile = "vocab.json";
inline constexpr const char* kMergesFile = "merges.txt";

bool holds_bpe_files(const std::string& folder);

// Reads what there is, tokenizer.json first. Throws a DataError when nothing is.
BpeFiles read_bpe_files(const std::string& folder);

// Throws a DataError that says which file is wrong, where, and what was expected.
BpeTables parse_bpe_files(const BpeFiles& files);

}  // namespace gradc::app
