#include "emit/names.h"

#include <algorithm>
#include <cctype>

namespace gradc::emit {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Keywords of C++, and what a local variable would hide from the code around it.
constexpr std::string_view kReserved[] = {
    // keywords
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    // functions and parameters of kernels
    "abs",
    "at",
    "arena",
    "batch",
    "cast",
    "cos",
    "equal",
    "erf",
    "exp",
    "first",
    "from",
    "dot",
    "fma",
    "gather",
    "generate",
    "iota",
    "keep_first",
    "lane",
    "lanes",
    "less",
    "less_equal",
    "limit",
    "load",
    "load_first",
    "load_pairs",
    "load_strided",
    "log",
    "max",
    "maximum",
    "full",
    "member",
    "members",
    "min",
    "neg",
    "operands",
    "panel",
    "panels",
    "part",
    "reached",
    "round_to_bf16",
    "round_to_int8",
    "select",
    "share",
    "sigmoid",
    "sin",
    "splat",
    "splat_pair",
    "sqrt",
    "std",
    "strip",
    "strips",
    "store",
    "store_first",
    "store_strided",
    "sum",
    "sums",
    "tanh",
    "team",
    "tile",
    "to",
    "transpose",
    "transpose_block",
    "uniform",
    // types of generated code
    "Draw",
    "R",
    "Range",
    "T",
    "Team",
    "bf16",
    "bf16x32",
    "f32x16",
    "f64x8",
    "i32x16",
    "i64x8",
    // namespaces and macros
    "app",
    "core",
    "gradc",
    "errno",
    "linux",
    "main",
    "unix",
};

}  // namespace

std::string identifier(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (is_word(c))
      text += c;
    else if (!text.empty() && text.back() != '_')
      text += '_';
  }
  while (!text.empty() && text.back() == '_') text.pop_back();
  if (text.empty()) text = "value";
  if (text.front() >= '0' && text.front() <= '9') text = "n" + text;
  if (std::find(std::begin(kReserved), std::end(kReserved), text) != std::end(kReserved))
    text += "_";
  return text;
}

std::string camel_case(std::string_view name) {
  std::string text;
  bool start = true;
  for (const char c : identifier(name)) {
    if (c == '_') {
      start = true;
    } else {
      text += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      start = false;
    }
  }
  return text;
}

std::string Names::take(std::string_view wanted) {
  std::string name(wanted);
  for (int copy = 2; used_.contains(name); ++copy) {
    name = wanted;
    if (name.back() != '_') name += '_';
    name += std::to_string(copy);
  }
  used_.insert(name);
  return name;
}

}  // namespace gradc::emit
