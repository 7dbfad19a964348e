// GPT-2's splitting of text into words, before any merge. No token ever crosses two of them.
//
// A word is the first of these that matches, as a regular expression would try them:
//
//   's 't 're 've 'm 'll 'd           the ends of English contractions
//   ' '? letter+
//   ' '? number+
//   ' '? other+                       neither letter, number nor white space
//   space+ (?! not space)             white space up to the last one before a word, or to the end
//   space+
//
// A byte that is no part of a code point counts as one of the others.
#pragma once

#include <cstddef>
#include <string_view>

namespace gradc::app {

// The length of the first word of `text` in bytes; 0 for no text.
std::size_t pre_token_length(std::string_view text);

// The first place where `text` can be cut without changing a word: the end of what stands before
// the first white space that follows something else. text.size() if there is none.
std::size_t first_cut(std::string_view text);

}  // namespace gradc::app
