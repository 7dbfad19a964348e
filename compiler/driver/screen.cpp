#include "driver/screen.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <vector>

namespace gradc::driver {
namespace {

using support::Place;

constexpr const char* kBold = "\033[1m";
constexpr const char* kRed = "\033[1;31m";
constexpr const char* kMagenta = "\033[1;35m";
constexpr const char* kCyan = "\033[1;36m";
constexpr const char* kGreen = "\033[1;32m";
constexpr const char* kPlain = "\033[0m";

class Screen {
 public:
  explicit Screen(bool color) : color_(color) {}

  void message(const Place& place, const char* word, const char* word_color,
               const std::string& message) {
    // Notes are not bold, nor are they in Clang.
    const bool bold = std::strcmp(word, "note") != 0;
    text += paint(kBold) + position(place) + ": " + paint(kPlain);
    text += paint(word_color) + word + ": " + paint(kPlain);
    text += (bold ? paint(kBold) : "") + message + (bold ? paint(kPlain) : "") + "\n";
    source(place);
  }
  std::string text;

 private:
  std::string paint(const char* sequence) const { return color_ ? sequence : ""; }

  static std::string position(const Place& place) {
    if (place.file.empty()) return "gradc";
    std::string position = place.file;
    if (place.line > 0) position += ":" + std::to_string(place.line);
    if (place.line > 0 && place.column > 0) position += ":" + std::to_string(place.column);
    return position;
  }

  // The line and under it the caret. Tabs stay tabs in both, so that the caret stands where it
  // shall.
  void source(const Place& place) {
    const std::vector<std::string>& lines = lines_of(place.file);
    if (place.line < 1 || static_cast<std::size_t>(place.line) > lines.size()) return;
    const std::string& line = lines[static_cast<std::size_t>(place.line) - 1];
    std::string number = std::to_string(place.line);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
    text += number + " | " + line + "\n";
    if (place.column < 1 || static_cast<std::size_t>(place.column) > line.size() + 1) return;
    std::string indent = line.substr(0, static_cast<std::size_t>(place.column) - 1);
    std::string blanks;
    for (char c : indent) {
      const bool continues =
          (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // of a UTF-8 character
      if (!continues) blanks += c == '\t' ? '\t' : ' ';
    }
    text += std::string(number.size(), ' ') + " | " + blanks + paint(kGreen) + "^" + paint(kPlain) +
            "\n";
  }

  const std::vector<std::string>& lines_of(const std::string& file) {
    const auto [entry, added] = files_.try_emplace(file);
    if (added && !file.empty()) {
      std::ifstream stream(file);
      for (std::string line; std::getline(stream, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        entry->second.push_back(line);
      }
    }
    return entry->second;
  }

  bool color_;
  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace

std::string show(const support::Diagnostics& diagnostics, bool color) {
  Screen screen(color);
  for (const support::Complaint& complaint : diagnostics.sorted()) {
    const bool error = complaint.severity == support::Severity::kError;
    screen.message(complaint.place, error ? "error" : "warning", error ? kRed : kMagenta,
                   complaint.message);
    for (const support::Remark& note : complaint.notes)
      screen.message(note.place, "note", kCyan, note.message);
  }
  return screen.text;
}

bool wants_color(int stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(stream) != 0 && (no_color == nullptr || *no_color == '\0') &&
         terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

}  // namespace gradc::driver
