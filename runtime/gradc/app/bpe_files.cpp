#include <fmt/format.h>
#include <gradc/app/atomic_file.h>
#include <gradc/app/bpe_files.h>
#include <gradc/app/errors.h>
#include <gradc/app/json_text.h>
#include <gradc/app/source.h>
#include <gradc/app/utf8.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace gradc::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMostTokens = std::size_t{1} << 24;

// The character that stands for each byte in the files.
std::array<char32_t, 256> make_characters() {
  std::array<char32_t, 256> characters{};
  char32_t stand_in = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool itself = (byte >= U'!' && byte <= U'~') || (byte >= 0xA1 && byte != 0xAD);
    characters[byte] = itself ? byte : stand_in++;
  }
  return characters;
}

const std::array<char32_t, 256>& characters_of_bytes() {
  static const std::array<char32_t, 256> kCharacters = make_characters();
  return kCharacters;
}

std::string bytes_of_text(const std::string& text) {
  static const std::map<char32_t, char> kBytes = [] {
    std::map<char32_t, char> bytes;
    for (int byte = 0; byte < 256; ++byte) {
      bytes[characters_of_bytes()[static_cast<std::size_t>(byte)]] = static_cast<char>(byte);
    }
    return bytes;
  }();
  std::string bytes;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = decode_utf8(rest);
    const auto byte = kBytes.find(point.value);
    if (point.length == 0 || byte == kBytes.end()) return text;
    bytes.push_back(byte->second);
    rest.remove_prefix(static_cast<std::size_t>(point.length));
  }
  return bytes;
}

// A text from a file, fit for a message.
std::string shown(const std::string& text) {
  return json(text.size() > 64 ? text.substr(0, 61) + "..." : text)
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

// Gathers a vocabulary and checks each part as it comes.
class TableMaker {
 public:
  void add_token(const std::string& path, const std::string& text, const json& id) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kMostTokens) {
      throw DataError(fmt::format("{}: {} has {} where a number of 0 to {} is wanted", path,
                                  shown(text), id.is_structured() ? id.type_name() : id.dump(),
                                  kMostTokens - 1));
    }
    const auto number = id.get<std::size_t>();
    const auto [known, added] = numbers_.emplace(text, number);
    if (known->second != number) {
      throw DataError(fmt::format("{}: {} has the numbers {} and {}", path, shown(text),
                                  known->second, number));
    }
    if (!added) return;
    if (number >= texts_.size()) texts_.resize(number + 1);
    if (texts_[number]) {
      throw DataError(fmt::format("{}: {} and {} both have the number {}", path,
                                  shown(*texts_[number]), shown(text), number));
    }
    texts_[number] = text;
  }

  void add_vocabulary(const std::string& path, const json& vocabulary) {
    if (!vocabulary.is_object()) {
      throw DataError(fmt::format("{}: the vocabulary is no object of tokens and numbers", path));
    }
    if (vocabulary.empty()) throw DataError(fmt::format("{}: the vocabulary is empty", path));
    for (const auto& [text, id] : vocabulary.items()) add_token(path, text, id);
  }

  // `where` is the file and the place in it.
  void add_merge(const std::string& where, const std::string& left, const std::string& right) {
    const BpeTables::Merge merge{number_of(where, left), number_of(where, right),
                                 number_of(where, left + right)};
    if (!pairs_.insert({merge.left, merge.right}).second) {
      throw DataError(
          fmt::format("{}: {} and {} are merged a second time", where, shown(left), shown(right)));
    }
    tables_.merges.push_back(merge);
  }

  // "left right"
  void add_merge(const std::string& where, const std::string& line) {
    const std::size_t blank = line.find(' ');
    const bool pair = blank != std::string::npos && blank > 0 && blank + 1 < line.size() &&
                      line.find(' ', blank + 1) == std::string::npos;
    if (!pair) {
      throw DataError(fmt::format("{}: two tokens and a space between them are wanted, not {}",
                                  where, shown(line)));
    }
    add_merge(where, line.substr(0, blank), line.substr(blank + 1));
  }

  void add_special(const std::string& text) { specials_.insert(text); }
  bool has(const std::string& text) const { return numbers_.count(text) > 0; }
  void set_leading_space(bool leading_space) { tables_.leading_space = leading_space; }

  BpeTables finish(const std::string& path) {
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (!texts_[i]) {
        throw DataError(fmt::format("{}: the numbers 0 to {} are wanted, but {} has no token", path,
                                    texts_.size() - 1, i));
      }
      const bool special = specials_.count(*texts_[i]) > 0;
      if (special) tables_.specials.push_back(static_cast<std::int32_t>(i));
      tables_.tokens.push_back(special ? *texts_[i] : bytes_of_text(*texts_[i]));
    }
    for (std::size_t byte = 0; byte < tables_.bytes.size(); ++byte) {
      std::string text;
      append_utf8(characters_of_bytes()[byte], text);
      const auto found = numbers_.find(text);
      tables_.bytes[byte] = found == numbers_.end() ? -1 : static_cast<std::int32_t>(found->second);
    }
    return std::move(tables_);
  }

 private:
  std::int32_t number_of(const std::string& where, const std::string& text) const {
    const auto found = numbers_.find(text);
    if (found == numbers_.end()) {
      throw DataError(fmt::format("{}: {} is not in the vocabulary", where, shown(text)));
    }
    return static_cast<std::int32_t>(found->second);
  }

  std::vector<std::optional<std::string>> texts_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::set<std::string> specials_;
  std::set<std::pair<std::int32_t, std::int32_t>> pairs_;
  BpeTables tables_;
};

// ---- vocab.json and merges.txt ----

void add_merges_file(const std::string& path, std::string_view text, TableMaker& maker) {
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string merge(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (merge.ends_with('\r')) merge.pop_back();
    if (merge.starts_with("#version")) continue;
    maker.add_merge(fmt::format("{}:{}", path, line), merge);
  }
}

BpeTables parse_pair(const std::string& vocabulary_path, const std::string& vocabulary,
                     const std::string& merges_path, const std::string& merges) {
  TableMaker maker;
  maker.add_vocabulary(vocabulary_path, parse_json(vocabulary_path, vocabulary));
  add_merges_file(merges_path, merges, maker);
  if (maker.has(std::string(kEndOfText))) maker.add_special(std::string(kEndOfText));
  return maker.finish(vocabulary_path);
}

// ---- tokenizer.json ----

bool is_unset(const json& value) {
  return value.is_null() || value == false ||
         (value.is_string() && value.get_ref<const std::string&>().empty()) || value == 0;
}

void require_unset(const std::string& path, const std::string& name, const json& value) {
  if (is_unset(value)) return;
  throw DataError(fmt::format("{}: \"{}\" is {}, which GPT-2's tokens go without", path, name,
                              value.is_structured() ? "an " + std::string(value.type_name())
                              : value.is_string()   ? shown(value.get<std::string>())
                                                    : value.dump()));
}

void require_type(const std::string& path, const char* part, const json& value,
                  const char* wanted) {
  const json& type = json_member(value, "type");
  if (type == wanted) return;
  throw DataError(fmt::format("{}: its {} is {}, not \"{}\"", path, part,
                              type.is_string() ? shown(type.get<std::string>()) : "missing",
                              wanted));
}

void add_special_tokens(const std::string& path, const json& added, TableMaker& maker) {
  for (const json& token : added) {
    const json& content = json_member(token, "content");
    if (!content.is_string() || content.get_ref<const std::string&>().empty()) {
      throw DataError(fmt::format("{}: an added token has no \"content\"", path));
    }
    const std::string text = content.get<std::string>();
    maker.add_token(path, text, json_member(token, "id"));
    for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
      require_unset(path, fmt::format("{} of {}", flag, text), json_member(token, flag));
    }
    maker.add_special(text);
  }
}

BpeTables parse_tokenizer(const std::string& path, const std::string& text) {
  const json whole = parse_json(path, text);
  const json& model = json_member(whole, "model");
  require_type(path, "model", model, "BPE");
  for (const char* part : {"dropout", "unk_token", "continuing_subword_prefix",
                           "end_of_word_suffix", "byte_fallback", "ignore_merges"}) {
    require_unset(path, part, json_member(model, part));
  }
  require_unset(path, "normalizer", json_member(whole, "normalizer"));
  const json& words = json_member(whole, "pre_tokenizer");
  require_type(path, "pre_tokenizer", words, "ByteLevel");
  if (json_member(words, "use_regex") == false) {
    throw DataError(fmt::format("{}: \"use_regex\" is false, which GPT-2's words need", path));
  }

  TableMaker maker;
  maker.set_leading_space(json_member(words, "add_prefix_space") == true);
  maker.add_vocabulary(path, json_member(model, "vocab"));
  add_special_tokens(path, json_member(whole, "added_tokens"), maker);
  std::int64_t place = 0;
  const json& merges = json_member(model, "merges");
  if (!merges.is_array()) throw DataError(fmt::format("{}: it has no merges", path));
  for (const json& merge : merges) {
    const std::string where = fmt::format("{}: merge {}", path, ++place);
    if (merge.is_string()) {
      maker.add_merge(where, merge.get<std::string>());
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      maker.add_merge(where, merge[0].get<std::string>(), merge[1].get<std::string>());
    } else {
      throw DataError(fmt::format("{}: two tokens are wanted", where));
    }
  }
  return maker.finish(path);
}

std::string path_in(const std::string& folder, const char* name) {
  return (fs::path(folder) / name).string();
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

std::uint64_t BpeFiles::hash() const {
  Fingerprint fingerprint;
  for (const File& file : files) fingerprint.add(file.bytes);
  return fingerprint.value();
}

void BpeFiles::write(const std::string& into) const {
  for (const File& file : files) {
    AtomicFile written(path_in(into, file.name.c_str()));
    written.write(file.bytes);
    written.commit();
  }
}

bool holds_bpe_files(const std::string& folder) {
  return exists(path_in(folder, kTokenizerFile)) || exists(path_in(folder, kVocabularyFile));
}

BpeFiles read_bpe_files(const std::string& folder) {
  std::vector<const char*> names{kTokenizerFile};
  if (!exists(path_in(folder, kTokenizerFile))) {
    names = {kVocabularyFile, kMergesFile};
    if (!exists(path_in(folder, kVocabularyFile))) {
      throw DataError(fmt::format("{}: no tokenizer: neither {} nor {} and {}", folder,
                                  kTokenizerFile, kVocabularyFile, kMergesFile));
    }
  }
  BpeFiles files{.folder = folder, .files = {}};
  for (const char* name : names) {
    files.files.push_back({name, std::string(read_source(path_in(folder, name)).bytes)});
  }
  return files;
}

BpeTables parse_bpe_files(const BpeFiles& files) {
  const auto path = [&](std::size_t i) {
    return (fs::path(files.folder) / files.files[i].name).string();
  };
  if (files.files.size() == 1) return parse_tokenizer(path(0), files.files[0].bytes);
  return parse_pair(path(0), files.files[0].bytes, path(1), files.files[1].bytes);
}

}  // namespace gradc::app
