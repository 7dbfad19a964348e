#include "emit/layout.h"

#include <clang/Format/Format.h>
#include <clang/Tooling/Core/Replacement.h>
#include <fmt/format.h>
#include <llvm/Support/Error.h>

#include <cctype>
#include <sstream>
#include <string_view>
#include <vector>

#include "support/check.h"

namespace gradc::emit {
namespace {

constexpr unsigned kColumns = 100;

clang::format::FormatStyle style() {
  using clang::format::FormatStyle;
  FormatStyle style = clang::format::getGoogleStyle(FormatStyle::LK_Cpp);
  style.ColumnLimit = kColumns;
  style.DerivePointerAlignment = false;
  style.PointerAlignment = FormatStyle::PAS_Left;
  style.SortIncludes = FormatStyle::SI_Never;
  style.ReflowComments = false;
  style.AllowShortFunctionsOnASingleLine = FormatStyle::SFS_Inline;
  style.AllowShortBlocksOnASingleLine = FormatStyle::SBS_Empty;
  return style;
}

bool is_identifier_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

constexpr std::string_view kOff = "// clang-format off\n", kOn = "// clang-format on\n";

std::string formatted(const std::string& code) {
  const clang::tooling::Range all(0, static_cast<unsigned>(code.size()));
  const auto edits = clang::format::reformat(style(), code, {all}, "generated.cpp");
  llvm::Expected<std::string> text = clang::tooling::applyAllReplacements(code, edits);
  CHECK(static_cast<bool>(text), llvm::toString(text.takeError()));
  return *text;
}

}  // namespace

// The formatter reads what it is told to leave alone too, and a table takes it as long as kernels
// of that length: it is shown the marks alone.
std::string lay_out(const std::string& code) {
  const auto each_table = [](std::string_view text, auto other, auto table) {
    std::size_t at = 0;
    for (std::size_t off; (off = text.find(kOff, at)) != text.npos;) {
      const std::size_t begin = off + kOff.size(), end = text.find(kOn, begin);
      CHECK(end != text.npos, "a table without an end");
      other(text.substr(at, begin - at));
      table(text.substr(begin, end - begin));
      at = end;
    }
    other(text.substr(at));
  };
  std::string shown, text;
  std::vector<std::string_view> tables;
  each_table(
      code, [&](std::string_view other) { shown += other; },
      [&](std::string_view table) { tables.push_back(table); });
  std::size_t next = 0;
  each_table(
      formatted(shown), [&](std::string_view other) { text += other; },
      [&](std::string_view) { text += tables[next++]; });
  return text;
}

std::string harmless(std::string words) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    char& c = words[at];
    const bool trigraph = at >= 2 && c == '/' && words[at - 1] == '?' && words[at - 2] == '?';
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == '\\' || trigraph) c = '?';
  }
  return words;
}

std::string comment(const std::string& words, int first, int rest, int before) {
  std::istringstream in(words);
  const std::string begin = std::string(static_cast<std::size_t>(before), ' ') + "//";
  std::string text, line = begin + std::string(1 + static_cast<std::size_t>(first), ' ');
  bool empty = true;
  for (std::string word; in >> word;) {
    if (!empty && line.size() + 1 + word.size() > kColumns) {
      text += line + "\n";
      line = begin + std::string(1 + static_cast<std::size_t>(rest), ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += harmless(word);
    empty = false;
  }
  return text + line + "\n";
}

std::string table(const std::string& head, const std::string& rows) {
  return fmt::format("{}{} = {{\n{}}};\n{}\n", kOff, head, rows, kOn);
}

std::string row(const std::string& fields) {
  std::string text = "    ", word;
  std::size_t used = text.size();
  bool quoted = false, begins = true;
  const auto add = [&] {
    if (!begins && used + 1 + word.size() > kColumns) {
      text += "\n     ";
      used = 5;
    } else if (!begins) {
      text += ' ';
      ++used;
    }
    text += word;
    used += word.size();
    begins = false;
    word.clear();
  };
  for (std::size_t at = 0; at < fields.size(); ++at) {
    const char c = fields[at];
    if (c == '"') quoted = !quoted;
    if (c == ' ' && !quoted) {
      add();
      continue;
    }
    word += c;
    if (c == '\\') word += fields[++at];
  }
  add();
  return text + "\n";
}

bool mentions(const std::string& code, const std::string& word) {
  for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
    const bool starts = at == 0 || !is_identifier_character(code[at - 1]);
    const std::size_t end = at + word.size();
    if (starts && (end == code.size() || !is_identifier_character(code[end]))) return true;
  }
  return false;
}

}  // namespace gradc::emit
