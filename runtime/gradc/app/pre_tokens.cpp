#include <gradc/app/pre_tokens.h>
#include <gradc/app/unicode_class.h>
#include <gradc/app/utf8.h>

#include <algorithm>

namespace gradc::app {
namespace {

struct Unit {
  UnicodeClass what = UnicodeClass::kOther;
  std::size_t length = 0;  // 0 at the end of the text
};

Unit unit_at(std::string_view text, std::size_t place) {
  if (place >= text.size()) return {};
  const CodePoint point = decode_utf8(text.substr(place));
  if (point.length == 0) return {UnicodeClass::kOther, 1};
  return {unicode_class(point.value), static_cast<std::size_t>(point.length)};
}

std::size_t contraction_length(std::string_view text) {
  for (const std::string_view end : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(end)) return end.size();
  }
  return 0;
}

// Where the run of `what` that `place` lies in ends.
std::size_t end_of_run(std::string_view text, std::size_t place, UnicodeClass what) {
  for (;;) {
    const Unit unit = unit_at(text, place);
    if (unit.length == 0 || unit.what != what) return place;
    place += unit.length;
  }
}

std::size_t space_length(std::string_view text) {
  std::size_t last = 0;  // where the last white space of the run starts
  std::size_t end = 0;
  for (Unit unit = unit_at(text, 0); unit.length > 0 && unit.what == UnicodeClass::kSpace;
       unit = unit_at(text, end)) {
    last = end;
    end += unit.length;
  }
  return end == text.size() || last == 0 ? end : last;
}

}  // namespace

std::size_t pre_token_length(std::string_view text) {
  if (const std::size_t contraction = contraction_length(text)) return contraction;
  const std::size_t blank = text.starts_with(' ') ? 1 : 0;
  const Unit first = unit_at(text, blank);
  if (first.length > 0 && first.what != UnicodeClass::kSpace) {
    return end_of_run(text, blank, first.what);
  }
  return space_length(text);
}

std::size_t first_cut(std::string_view text) {
  bool before = false;  // has something other than white space been seen?
  for (std::size_t place = 0; place < text.size();) {
    const Unit unit = unit_at(text, place);
    const bool space = unit.what == UnicodeClass::kSpace;
    if (space && before) return place;
    before = !space;
    place += unit.length;
  }
  return text.size();
}

}  // namespace gradc::app
