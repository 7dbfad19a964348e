// verify: the rules that every graph keeps, from the front end to lowering.
//
// A rule has a number: its sentence stands in kRules, its check and its test carry it. What is not
// checked: that a value is used, that state is initialised sensibly, that a data set feeds the
// inputs (the driver's to say), and anything about numbers.
#pragma once

#include <gradc/dsl.h>

#include <string>
#include <string_view>
#include <vector>

namespace gradc::ir {

inline constexpr const char* kRules[] = {
    /* 0 */ "the graph was declared without mistakes",
    /* 1 */ "a node applies an op of the table to as many operands as it takes",
    /* 2 */ "operands stand before their users",
    /* 3 */ "no type is poison",
    /* 4 */ "the type of a node is what its op's shape rule gives",
    /* 5 */ "leaf nodes and leaves name each other, in the same order, with distinct names",
    /* 6 */
    "inputs hold real numbers or classes of i32, settings are real scalars, the rest is real",
    /* 7 */ "all real tensors have the element of the graph",
    /* 8 */ "a batched dimension is a multiple of the graph's batch",
    /* 9 */ "outputs have distinct names and values of the graph",
    /* 10 */ "an update gives a parameter or state a value of its type, once",
    /* 11 */ "the loss is a real scalar",
    /* 12 */ "random numbers have a stream from 0 to 2^32 - 1 and at most 2^31 elements",
    /* 13 */ "locations lie in files of the graph",
    /* 14 */ "no gradient and no training is left when a graph is lowered",
    /* 15 */ "the numbers of config.json have distinct keys",
};

struct Violation {
  int rule;             // index into kRules
  std::string message;  // which node or name, and what was found
};

struct VerifyOptions {
  bool lowered = false;  // rule 14 holds as well
};

// By rule, then by node. Never fails itself, whatever the graph.
std::vector<Violation> verify(const Graph& graph, const VerifyOptions& options = {});

// "rule 4: the type ...: %3 = add ..., expected f32[2]", a line for each violation.
std::string to_string(const std::vector<Violation>& violations);

// Aborts with the violations and the graph if there are any; `when` says after what: "simplify".
void check_verified(const Graph& graph, std::string_view when, const VerifyOptions& options = {});

}  // namespace gradc::ir
