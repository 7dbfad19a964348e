// layout: where the lines and blanks go. Clang's formatter decides, so that emitters need not.
#pragma once

#include <string>

namespace gradc::emit {

// C++ text in the layout of this project's own sources.
std::string lay_out(const std::string& code);

// The words that a comment may hold on one line: what would end the line or go on behind it is a
// '?'.
std::string harmless(std::string words);

// Words as a comment of lines that fit, each behind "// ": the first after `first` blanks, those
// that follow after `rest`; the lines themselves begin with `before`.
std::string comment(const std::string& words, int first = 0, int rest = 0, int before = 0);

// A table whose rows are laid out already, each by `row`: Clang's formatter gives each field of a
// row that does not fit on one line a line of its own.
std::string table(const std::string& head, const std::string& rows);
// A row, as full as its lines may be.
std::string row(const std::string& fields);

// Whether `word` stands in `code` as a whole identifier.
bool mentions(const std::string& code, const std::string& word);

}  // namespace gradc::emit
