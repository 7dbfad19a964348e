// Every mistake in a graph's text has its place and its message.
#include <gtest/gtest.h>
#include <ir/parse.h>
#include <ir/print.h>

namespace gradc::ir {
namespace {

std::string errors_of(std::string_view text) {
  support::Diagnostics diagnostics;
  parse(text, "g.ir", diagnostics);
  return diagnostics.text();
}

// The error of one statement in a graph that declares x and i; the statement stands on line 4.
std::string statement(const std::string& text) {
  return errors_of("graph @g batch 2 {\n  %x = input f32[2*, 3]\n  %i = input i32[2*] classes 3\n" +
                   text + "\n}\n");
}

TEST(Parse, Statements) {
  struct Case {
    const char* text;
    const char* error;
  };
  const Case cases[] = {
      {"%y = frobnicate %x", "g.ir:4:6: error: unknown op 'frobnicate'\n"},
      {"%y = leaf", "g.ir:4:6: error: unknown op 'leaf'\n"},
      {"%y = add %x", "g.ir:4:6: error: add takes 2 operands, found 1\n"},
      {"%y = exp %x %x", "g.ir:4:6: error: exp takes 1 operand, found 2\n"},
      {"%y = exp %z", "g.ir:4:10: error: %z is not defined\n"},
      {"%x = exp %x",
       "g.ir:4:1: error: %x is defined twice\ng.ir:2:3: note: the first definition is here\n"},
      {"%y exp %x", "g.ir:4:4: error: expected '=', found 'exp'\n"},
      {"%y =",
       "g.ir:4:5: error: expected an op, input, setting, parameter or state, found end of "
       "line\n"},
      {"%y = exp %x extra", "g.ir:4:13: error: expected end of line, found 'extra'\n"},
      {"%y = exp %x : f32[2*, 4]", "g.ir:4:6: error: exp gives f32[2*, 3], not f32[2*, 4]\n"},
      {"%y = exp %x : f32", "g.ir:4:18: error: expected '[', found end of line\n"},
      {"%y = exp %x : real", "g.ir:4:15: error: expected a type, found 'real'\n"},
      {"%y = exp %i", "g.ir:4:6: error: exp: expected real operands, found i32[2]\n"},
      {"%y = add %x %i", "g.ir:4:6: error: add: expected real operands, found i32[2]\n"},
      {"%y = broadcast %x [0, 1]",
       "g.ir:4:25: error: expected ':' and the type of the result, found end of line\n"},
      {"%y = sum %x", "g.ir:4:12: error: expected 'over', found end of line\n"},
      {"%y = sum %x over [1, 0]",
       "g.ir:4:6: error: sum: axes to reduce are ascending and within [2, 3]\n"},
      {"%y = sum %x over [1.5]", "g.ir:4:19: error: expected a whole number, found '1.5'\n"},
      {"%y = sum %x over [0 1]", "g.ir:4:21: error: expected ',', found '1'\n"},
      {"%y = slice %x from [0, 0] size [1]",
       "g.ir:4:20: error: expected two lists of equal length, found 2 and 1 numbers\n"},
      {"%y = slice %x from [0, 2] size [2, 2]",
       "g.ir:4:6: error: slice: slice of 2 from 2 does not fit axis 1 of [2, 3]\n"},
      {"%y = contract %x %x over (1, 9)",
       "g.ir:4:6: error: contract: contract names each axis once, within its operand\n"},
      {"%y = constant one", "g.ir:4:15: error: expected a number, found 'one'\n"},
      {"%y = constant 1e999", "g.ir:4:15: error: expected a number, found '1e999'\n"},
      {"%y = parameter f32[3]",
       "g.ir:4:22: error: expected constant, normal or uniform, found end of line\n"},
      {"%y = parameter f32[0] constant(0)",
       "g.ir:4:20: error: a dimension is at least 1, found 0\n"},
      {"%y = parameter f32[1, 1, 1, 1, 1, 1, 1] constant(0)",
       "g.ir:4:38: error: a type has at most 6 dimensions\n"},
      {"%y = parameter f32[1099511627776, 2] constant(0)",
       "g.ir:4:6: error: leaf: a tensor of shape [1099511627776, 2] has more than 2^40 elements\n"},
      {"%y = parameter f32[99999999999999999999] constant(0)",
       "g.ir:4:20: error: expected a dimension, found '99999999999999999999'\n"},
      {"output %x", "g.ir:4:8: error: expected the name of an output, found '%x'\n"},
      {"output \"y", "g.ir:4:8: error: expected '\"' at the end of a string\n"},
      {"output \"\\q\" %x",
       "g.ir:4:8: error: expected \\\", \\\\ or \\x and two digits in a string\n"},
      {"update %x %x", "g.ir:4:11: error: expected '=', found '%x'\n"},
      {"minimize", "g.ir:4:9: error: expected a value, found end of line\n"},
      {"config %x 2", "g.ir:4:8: error: expected a key of config.json, found '%x'\n"},
      {"config \"n\" HEADS 2", "g.ir:4:18: error: expected '=', found '2'\n"},
      {"config \"n\" 2.5", "g.ir:4:12: error: expected a whole number, found '2.5'\n"},
      {"dataset pictures", "g.ir:4:9: error: unknown data set 'pictures'\n"},
      {"dataset lines window 3", "g.ir:4:23: error: expected 'random', found end of line\n"},
      {"jump %x",
       "g.ir:4:1: error: expected a value, output, update, minimize, config, dataset, file or "
       "'}', found 'jump'\n"},
      {"%y = exp %x $", "g.ir:4:13: error: unexpected character '$'\n"},
      {"%y = exp %", "g.ir:4:10: error: expected a name after '%'\n"},
      {"%y = exp %x loc(\"f\":1)", "g.ir:4:22: error: expected ':', found ')'\n"},
  };
  for (const Case& each : cases) EXPECT_EQ(statement(each.text), each.error) << each.text;
}

TEST(Parse, Headers) {
  EXPECT_EQ(errors_of("graph {\n}\n"),
            "g.ir:1:7: error: expected the name of a graph, as @name, found '{'\n");
  EXPECT_EQ(errors_of("model @x {\n}\n"), "g.ir:1:1: error: expected 'graph', found 'model'\n");
  EXPECT_EQ(errors_of("graph @x batch {\n}\n"),
            "g.ir:1:16: error: expected a dimension, found '{'\n");
  EXPECT_EQ(
      errors_of("graph @x {\n"),
      "g.ir:2:1: error: expected a value, output, update, minimize, config, dataset, file or '}', "
      "found end of file\n");
}

TEST(Parse, GoesOnAtTheNextGraph) {
  support::Diagnostics diagnostics;
  const std::vector<Graph> graphs = parse(R"(
graph @a {
  %x = nothing
}
graph @b {  // fine
  %x = input f32[3]
  output "y" %x
}
graph @c {
  output "y" %x
}
)",
                                          "g.ir", diagnostics);
  ASSERT_EQ(graphs.size(), 1u);
  EXPECT_EQ(graphs[0].name, "b");
  EXPECT_EQ(diagnostics.text(),
            "g.ir:3:8: error: unknown op 'nothing'\ng.ir:10:14: error: %x is not defined\n");
}

TEST(Parse, TypesThatTheRuleGivesMayBeLeftOut) {
  const Graph graph = parse_one(R"(graph @g f64 batch 2 {
    %x = input f64[2*, 3]
    %y = exp %x
    %i = input i32[2*] classes 3
    %z = cast %i
    %c = constant 2
  })");
  EXPECT_EQ(print_type(graph.nodes[1].type), "f64[2*, 3]");
  EXPECT_EQ(print_type(graph.nodes[3].type), "f64[2*]");
  EXPECT_EQ(print_type(graph.nodes[4].type), "f64[]");
}

// No text may crash the parser: every prefix, and every text with one byte changed.
TEST(Parse, BrokenTextIsOnlyAnError) {
  const std::string text =
      "graph @g options [N] batch 2 steps 3 {\n  file \"a\"\n  %x = input f32[2*, N=3]\n"
      "  %y = slice %x from [0, 0] size [2, 2] loc(\"a\":1:2)\n"
      "  %z = contract %y %y over (0, 0) batch (1, 1)\n  output \"o\" %z\n"
      "  dataset moons examples 3 noise 0.5 random\n}\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    errors_of(text.substr(0, i));
    for (const char c : {'\0', '"', '%', '(', '\n', '9', '-', '\x80'}) {
      std::string changed = text;
      changed[i] = c;
      errors_of(changed);
    }
  }
}

TEST(ParseDeathTest, ParseOneAbortsWithTheMessage) {
  EXPECT_DEATH(parse_one("graph @g {\n  %x = nothing\n}\n"),
               "bug in the compiler.*\n.*text:2:8: error: unknown op 'nothing'");
}

}  // namespace
}  // namespace gradc::ir
