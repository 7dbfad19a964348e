#include <gradc/app/bpe.h>
#include <gradc/app/pre_tokens.h>

#include <algorithm>
#include <utility>

namespace gradc::app {
namespace {

// Longer words hardly come twice.
constexpr std::size_t kLongestKnown = 64;

constexpr std::size_t kMostKnown = 1 << 17;

// A longer one is merged in parts of this size: places are 32 bits wide, and memory is bounded.
constexpr std::size_t kLongestWord = std::size_t{1} << 30;

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

// The lowest rank first, then the leftmost: std::*_heap keeps the greatest on top.
constexpr auto kLater = [](const auto& a, const auto& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.place > b.place;
};

// The next special token in a text: the first one, and of those that start together the longest.
class SpecialFinder {
 public:
  SpecialFinder(const BpeTables& tables, std::string_view text) : tables_(tables), text_(text) {
    for (const std::int32_t special : tables.specials) next_.push_back({special, find(special, 0)});
  }

  struct Found {
    std::int32_t token = -1;
    std::size_t place = std::string_view::npos;
  };

  // Of those that start at `from` or later.
  Found next(std::size_t from) {
    Found best;
    std::size_t best_length = 0;
    for (Found& candidate : next_) {
      if (candidate.place < from) candidate.place = find(candidate.token, from);
      if (candidate.place == std::string_view::npos) continue;
      const std::size_t length = bytes_of(candidate.token).size();
      if (candidate.place < best.place || (candidate.place == best.place && length > best_length)) {
        best = candidate;
        best_length = length;
      }
    }
    return best;
  }

  std::string_view bytes_of(std::int32_t token) const {
    return tables_.tokens[static_cast<std::size_t>(token)];
  }

 private:
  std::size_t find(std::int32_t token, std::size_t from) const {
    return text_.find(bytes_of(token), from);
  }

  const BpeTables& tables_;
  std::string_view text_;
  std::vector<Found> next_;
};

}  // namespace

Bpe::Bpe(BpeTables tables) : tables_(std::move(tables)) {
  merges_.reserve(tables_.merges.size());
  std::int32_t rank = 0;
  for (const BpeTables::Merge& merge : tables_.merges) {
    merges_.try_emplace(pair_key(merge.left, merge.right), Result{rank++, merge.whole});
  }
  for (const std::int32_t special : tables_.specials) {
    if (bytes(special) == kEndOfText) boundary_ = special;
  }
}

std::size_t Bpe::encode(std::string_view text, const Sink& sink) {
  SpecialFinder finder(tables_, text);
  for (std::size_t place = 0;;) {
    const auto special = finder.next(place);
    const std::size_t end = std::min(special.place, text.size());
    const std::size_t covered = encode_piece(text.substr(place, end - place), sink);
    place += covered;
    if (place < end || special.token < 0) return place;
    sink({&special.token, 1});
    place += finder.bytes_of(special.token).size();
  }
}

std::size_t Bpe::encode_piece(std::string_view piece, const Sink& sink) {
  if (!tables_.leading_space || piece.empty() || piece.starts_with(' ')) {
    return encode_words(piece, sink);
  }
  const std::size_t cut = first_cut(piece);
  const std::string head = " " + std::string(piece.substr(0, cut));
  const std::size_t covered = encode_words(head, sink);
  if (covered < head.size()) return covered == 0 ? 0 : covered - 1;
  return cut + encode_words(piece.substr(cut), sink);
}

std::size_t Bpe::encode_words(std::string_view words, const Sink& sink) {
  std::size_t place = 0;
  while (place < words.size()) {
    const std::string_view rest = words.substr(place);
    const std::string_view word = rest.substr(0, std::min(pre_token_length(rest), kLongestWord));
    if (!encode_word(word, sink)) {
      const auto unknown = std::ranges::find_if(
          word, [&](char c) { return tables_.bytes[static_cast<unsigned char>(c)] < 0; });
      return place + static_cast<std::size_t>(unknown - word.begin());
    }
    place += word.size();
  }
  return place;
}

bool Bpe::encode_word(std::string_view word, const Sink& sink) {
  if (const auto known = known_.find(word); known != known_.end()) {
    sink(std::span(remembered_).subspan(known->second.first, known->second.count));
    return true;
  }
  const bool all_bytes_known = std::ranges::all_of(
      word, [&](char c) { return tables_.bytes[static_cast<unsigned char>(c)] >= 0; });
  if (!all_bytes_known) return false;
  merge_word(word);
  sink(word_);
  if (word.size() > kLongestKnown) return true;
  if (known_.size() == kMostKnown) {
    known_.clear();
    remembered_.clear();
  }
  known_.emplace(word, Span{static_cast<std::uint32_t>(remembered_.size()),
                            static_cast<std::uint32_t>(word_.size())});
  remembered_.insert(remembered_.end(), word_.begin(), word_.end());
  return true;
}

const Bpe::Result* Bpe::find_merge(std::int32_t left, std::int32_t right) const {
  const auto found = merges_.find(pair_key(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

// Puts the pair that starts at `place` among the candidates, if it has a merge.
void Bpe::consider(std::int32_t place) {
  if (place < 0) return;
  const Symbol& left = symbols_[static_cast<std::size_t>(place)];
  if (left.right < 0) return;
  const Symbol& right = symbols_[static_cast<std::size_t>(left.right)];
  if (const Result* merge = find_merge(left.token, right.token)) {
    candidates_.push_back({merge->rank, place, merge->whole});
    std::ranges::push_heap(candidates_, kLater);
  }
}

void Bpe::merge_word(std::string_view word) {
  const auto count = static_cast<std::int32_t>(word.size());
  symbols_.clear();
  candidates_.clear();
  for (std::int32_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(word[static_cast<std::size_t>(i)]);
    symbols_.push_back({tables_.bytes[byte], i - 1, i + 1 < count ? i + 1 : -1});
  }
  for (std::int32_t i = 0; i < count; ++i) consider(i);
  while (!candidates_.empty()) {
    std::ranges::pop_heap(candidates_, kLater);
    const Candidate next = candidates_.back();
    candidates_.pop_back();
    Symbol& left = symbols_[static_cast<std::size_t>(next.place)];
    if (left.token < 0 || left.right < 0) continue;
    Symbol& right = symbols_[static_cast<std::size_t>(left.right)];
    // One of the two may have become part of another since.
    const Result* merge = find_merge(left.token, right.token);
    if (merge == nullptr || merge->rank != next.rank) continue;
    left.token = next.whole;
    left.right = right.right;
    right.token = -1;
    if (left.right >= 0) symbols_[static_cast<std::size_t>(left.right)].left = next.place;
    consider(left.left);
    consider(next.place);
  }
  word_.clear();
  for (std::int32_t i = 0; i >= 0; i = symbols_[static_cast<std::size_t>(i)].right) {
    word_.push_back(symbols_[static_cast<std::size_t>(i)].token);
  }
}

}  // namespace gradc::app
