#include <fmt/format.h>
#include <gradc/app/draw.h>
#include <gradc/app/made_pairs.h>

namespace gradc::app {
namespace {

constexpr const char* kSmall[] = {"zero",    "one",     "two",       "three",    "four",
                                  "five",    "six",     "seven",     "eight",    "nine",
                                  "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                  "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr const char* kTens[] = {"twenty", "thirty",  "forty",  "fifty",
                                 "sixty",  "seventy", "eighty", "ninety"};
constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                   "May",       "June",     "July",     "August",
                                   "September", "October",  "November", "December"};

// Chance for one line: numbers below a bound, one after the other.
class Chance {
 public:
  Chance(std::uint64_t seed, std::uint64_t line) : seed_(seed), line_(line) {}

  std::uint32_t below(std::uint32_t bound) {
    // Each number takes a block of its own, far from those of other lines.
    std::uint32_t number;
    draw_below({seed_, kPairsStream, line_ * kDraws + drawn_++}, bound, {&number, 1});
    return number;
  }

 private:
  static constexpr std::uint64_t kDraws = 8;
  std::uint64_t seed_, line_, drawn_ = 0;
};

std::string words_below_hundred(std::uint32_t number) {
  if (number < 20) return kSmall[number];
  const std::string tens = kTens[number / 10 - 2];
  return number % 10 == 0 ? tens : tens + " " + kSmall[number % 10];
}

// Below ten thousand.
std::string words_of(std::uint32_t number, bool says_and) {
  if (number < 100) return words_below_hundred(number);
  std::string text;
  if (number >= 1000) text += fmt::format("{} thousand ", kSmall[number / 1000]);
  if (number % 1000 >= 100) text += fmt::format("{} hundred ", kSmall[number % 1000 / 100]);
  if (number % 100 == 0) {
    text.pop_back();
    return text;
  }
  return text + (says_and ? "and " : "") + words_below_hundred(number % 100);
}

std::string number_pair(Chance& chance) {
  // As many digits come up as often as any other.
  static constexpr std::uint32_t kBounds[] = {0, 10, 100, 1000, 10'000};
  const std::uint32_t digits = chance.below(4);
  const std::uint32_t low = kBounds[digits], high = kBounds[digits + 1];
  const std::uint32_t number = low + chance.below(high - low);
  return fmt::format("{}\t{}", words_of(number, chance.below(2) == 1), number);
}

std::uint32_t days_of(std::uint32_t year, std::uint32_t month) {
  static constexpr std::uint32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  // 2000 is a leap year as any fourth.
  return kDays[month - 1] + (month == 2 && year % 4 == 0 ? 1 : 0);
}

const char* ordinal_ending(std::uint32_t day) {
  if (day / 10 == 1) return "th";
  static constexpr const char* kEndings[] = {"th", "st", "nd", "rd"};
  return day % 10 < 4 ? kEndings[day % 10] : "th";
}

std::string date_text(std::uint32_t year, std::uint32_t month, std::uint32_t day,
                      std::uint32_t form) {
  const std::string name = kMonths[month - 1];
  switch (form) {
    case 0:
      return fmt::format("{} {} {}", day, name, year);
    case 1:
      return fmt::format("{} {}, {}", name, day, year);
    case 2:
      return fmt::format("{} {} {}", day, name.substr(0, 3), year);
    case 3:
      return fmt::format("{}{} of {} {}", day, ordinal_ending(day), name, year);
    case 4:
      return fmt::format("{:02}.{:02}.{}", day, month, year);
    case 5:
      return fmt::format("{}/{:02}/{:02}", year, month, day);
    default:
      return fmt::format("{:02}/{:02}/{:02}", day, month, year % 100);
  }
}

std::string date_pair(Chance& chance) {
  constexpr std::uint32_t kForms = 7;
  const std::uint32_t year = 1950 + chance.below(100);
  const std::uint32_t month = 1 + chance.below(12);
  const std::uint32_t day = 1 + chance.below(days_of(year, month));
  return fmt::format("{}\t{}-{:02}-{:02}", date_text(year, month, day, chance.below(kForms)), year,
                     month, day);
}

}  // namespace

std::string make_pairs_text(std::uint64_t seed, std::int64_t count) {
  std::string text;
  for (std::int64_t line = 0; line < count; ++line) {
    Chance chance(seed, static_cast<std::uint64_t>(line));
    text += chance.below(2) == 0 ? number_pair(chance) : date_pair(chance);
    text += '\n';
  }
  return text;
}

}  // namespace gradc::app
