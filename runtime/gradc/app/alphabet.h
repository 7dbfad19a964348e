// What the data of a model is made of: the tokens of a stored vocabulary, or characters.
#pragma once

#include <gradc/app/bpe_files.h>
#include <gradc/app/checkpoint.h>
#include <gradc/app/vocabulary.h>
#include <gradc/app/weights.h>

#include <memory>
#include <optional>
#include <string>

namespace gradc::app {

// A vocabulary that lies in files.
struct StoredTokenizer {
  BpeFiles files;
  std::shared_ptr<Bpe> bpe;
};

// At most one of the two; with neither, the data brings its own characters, or has none.
struct Alphabet {
  std::optional<StoredTokenizer> tokenizer;
  std::optional<Vocabulary> characters;
  std::string owner;  // what has it, for messages: "runs/nplm"
};

// What encodes with an alphabet that is one of the two.
std::shared_ptr<Tokenizer> make_tokenizer(const Alphabet& alphabet);

// Each takes the folder of --tokenizer, if there is one, and throws a DataError when the model has
// no room for the alphabet, a UsageError when a tokenizer is not for it.

// For a model that is to be trained.
Alphabet new_alphabet(const core::Model& model, const std::optional<std::string>& tokenizer);

// Of the run in `folder`. Throws a DataError if it is not the one that the run was trained with.
Alphabet run_alphabet(const core::Model& model, const RunFacts& facts, const std::string& folder,
                      const std::optional<std::string>& tokenizer);

// Of what lies beside the weights, or in their metadata. Throws a DataError if there is nothing.
Alphabet weights_alphabet(const core::Model& model, const Weights& weights,
                          const std::optional<std::string>& tokenizer);

}  // namespace gradc::app
