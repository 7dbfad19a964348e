// Writes the reference of the ops from the op table.
//
//   ops_reference > docs/ops.md       after a change of the table
//   ops_reference --check docs/ops.md      fails if the file says something else
#include <ir/print.h>
#include <ir/visit.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

namespace gradc {
namespace {

const char* title_of(Kind kind) {
  switch (kind) {
    case Kind::kLeaf:
      return "leaf";
    case Kind::kElementwise:
      return "elementwise";
    case Kind::kReduce:
      return "reduction";
    case Kind::kBroadcast:
      return "broadcast";
    case Kind::kView:
      return "view";
    case Kind::kContract:
      return "contraction";
    case Kind::kIndexed:
      return "by index";
    case Kind::kIota:
      return "iota";
    case Kind::kRandom:
      return "random";
    case Kind::kDirective:
      return "directive";
  }
  return "";
}

template <class Block>
std::string row() {
  std::string text = std::string("| `") + Block::name + "` | " + std::to_string(Block::arity) +
                     " | " + title_of(Block::kind) + " | " + Block::doc + " | ";
  if constexpr (ir::kHasBody<Block>) {
    const Probe probe = Block::probe;
    const auto range = [](double lo, double hi) {
      return "[" + ir::print_number(lo) + ", " + ir::print_number(hi) + "]";
    };
    text += range(probe.lo, probe.hi);
    if (Block::arity > 1 && (probe.lo2 != probe.lo || probe.hi2 != probe.hi))
      text += ", " + range(probe.lo2, probe.hi2);
    text +=
        " | " + (probe.ulp == 0 ? std::string("exact or rounded") : ir::print_number(probe.ulp));
  } else {
    text += "| ";
  }
  return text + " |\n";
}

template <class... Blocks>
std::string rows(OpList<Blocks...>) {
  return (row<Blocks>() + ...);
}

std::string reference() {
  return "# Ops\n\n"
         "Written by `ops_reference` from the op table in `dsl/gradc/ops.h` and\n"
         "`dsl/gradc/ops_structural.h`; a test fails when the two differ. What the numbers mean\n"
         "stands in [arithmetic.md](arithmetic.md).\n\n"
         "*Tried on* is where tests evaluate an elementwise op (first operand, then the others if\n"
         "they differ). *ULP* bounds the error of emitted code, in units in the last place.\n\n"
         "| op | operands | kind | meaning | tried on | ULP |\n"
         "| --- | --- | --- | --- | --- | --- |\n" +
         rows(Ops{});
}

}  // namespace
}  // namespace gradc

int main(int argc, char** argv) {
  const std::string text = gradc::reference();
  if (argc == 1) {
    std::cout << text;
    return 0;
  }
  if (argc != 3 || std::string_view(argv[1]) != "--check") {
    std::cerr << "usage: ops_reference [--check FILE]\n";
    return 2;
  }
  std::ostringstream found;
  found << std::ifstream(argv[2]).rdbuf();
  if (found.str() == text) return 0;
  std::cerr << argv[2] << " is stale: run ops_reference > " << argv[2] << "\n";
  return 1;
}
