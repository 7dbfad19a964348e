// Random graphs through the whole compiler: emitted, compiled by both compilers, run as a program
// would run them, against the interpreter in double. A failure shrinks and prints the graph. What
// the compiler decides about fusion and layout is decided for some of them.
#include "graphs/emitted.h"

#include <gradc/dsl.h>
#include <gtest/gtest.h>

#include <iostream>

#include "emit/emit.h"
#include "graphs/decisions.h"
#include "graphs/generate.h"
#include "ir/print.h"
#include "passes/lower.h"

namespace gradc::graphs {
namespace {

constexpr int kChunks = 6;  // tests, so that CTest runs them side by side; one more of large graphs
constexpr std::uint64_t kGraphsOfChunk = 50, kLargeGraphs = 16;
constexpr std::uint64_t kLargeFrom = kChunks * kGraphsOfChunk;
constexpr int kCompilesToShrink = 40;

// Smaller graphs that are wrong as well, each compiled by itself.
std::string shrunk(const Graph& failing, std::uint64_t seed) {
  int left = kCompilesToShrink;
  const Graph small = shrink(failing, [&](const Graph& graph) {
    const std::vector<Subject> one = {Subject(graph)};
    if (one[0].empty() || left-- <= 0) return false;
    return !check(one[0], Models(one).of(0), seed).empty();
  });
  return ir::print(small);
}

Graph graph_of(std::uint64_t seed) {
  if (seed >= kLargeFrom) return generate(seed, {.ops = 2, .f64 = seed % 2 == 1, .large = true});
  return generate(seed, {.ops = 4 + static_cast<int>(seed % 9), .f64 = seed % 6 == 5});
}

class EmittedGraphs : public testing::TestWithParam<int> {};

TEST_P(EmittedGraphs, EqualTheInterpreter) {
  const std::uint64_t from = static_cast<std::uint64_t>(GetParam()) * kGraphsOfChunk;
  const std::uint64_t count = from < kLargeFrom ? kGraphsOfChunk : kLargeGraphs;
  std::vector<Graph> graphs;
  std::vector<Subject> subjects;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    graphs.push_back(graph_of(seed));
    subjects.emplace_back(graphs.back());
  }
  const Models models(subjects);
  if (HasFatalFailure() || HasNonfatalFailure()) return;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const std::string wrong = check(subjects[i], models.of(i), from + i);
    if (!wrong.empty())
      FAIL() << "seed " << from + i << ": " << wrong << "\n" << shrunk(graphs[i], from + i);
  }
}

INSTANTIATE_TEST_SUITE_P(Chunks, EmittedGraphs, testing::Range(0, kChunks + 1));

// A batch of one makes a sum of a single place, which no loop tells from the product that it reads.
TEST(EmittedGraphs, HaveSumsOfOnePlaceBehindContractions) {
  Graph g;
  g.name = "sum_of_one_place";
  const Dim batch = g.batch(1);
  const Tensor each = matmul(g.input("x", {batch, 6, 20}), g.parameter("w", {20, 16}, normal(1)));
  g.output("y", sum(0.1 * each, {0}));
  expect_equal({g});
}

// The gradient reads a value of its kernel in the same row and another one across rows.
TEST(EmittedGraphs, ReadNothingAcrossRows) {
  Graph g;
  g.name = "across_rows";
  const Tensor p = g.parameter("p", {4, 5}, normal(1));
  const Tensor t = tanh(reshape(sin(p), {5, 4}));
  ContractAxes axes;
  axes.left_batch = {1}, axes.right_batch = {0};
  axes.left_over = {0}, axes.right_over = {1};
  const Tensor each = g.input("x", {g.batch(2)});
  g.objective(sum(0.1 * each) + 0.05 * sum(tanh(t * 1.5)) + sum(tanh(contract(p, t, axes))));
  expect_equal({g});
}

// The loss needs the old value of what is updated, but through another value.
TEST(EmittedGraphs, OverwriteNothingThatIsStillNeeded) {
  Graph g;
  g.name = "still_needed";
  const Tensor q = g.parameter("q", {17, 3, 3}, normal(1));
  const Tensor p = g.parameter("p", {}, normal(1));
  const Tensor step = g.constant(0.125);
  const Tensor t = tanh((p + 0.4) * step) * 4;
  g.output("y", t * erf(t));
  g.update(p, step);
  g.objective(sum(less_equal(broadcast(erf(t), {17, 3, 3}), q)) +
              sum(0.1 * g.input("x", {g.batch(2)})) + tanh(t * 0.0625) * 4);
  expect_equal({g});
}

// The same in the rows of a kernel, of which a later stage reads what is made of the old value
// and a sum of the new ones.
TEST(EmittedGraphs, OverwriteNothingThatALaterStageOfTheRowNeeds) {
  for (const bool inner : {true, false}) {
    Graph g;
    g.name = inner ? "needed_in_rows_inner" : "needed_in_rows";
    const Tensor p =
        inner ? g.parameter("p", {40, 12}, normal(1)) : g.parameter("p", {40, 1}, normal(1));
    const Tensor x = g.parameter("x", {40, 12}, normal(1));
    const Tensor old = exp(p * 0.5);
    const Tensor update = p * 0.5 + tanh(old);
    g.update(p, update);
    const auto each = [](const Tensor& t) { return broadcast(t, {40, 12}); };
    const Tensor total = each(reshape(sum(each(update) * x, {1}), {40, 1}));
    const Tensor later = max(exp(0.1 * x * each(old) + total), {1});
    g.output("z", sum(later) * 0.05 + sum(0.1 * g.input("q", {g.batch(2)})));
    expect_equal({g});
  }
}

// What is made of the old value, and is read once more when a sum of it is there.
TEST(EmittedGraphs, OverwriteNothingThatWaitsForASum) {
  for (const std::int64_t width : {12, 200}) {
    Graph g;
    g.name = "waits_for_a_sum_" + std::to_string(width);
    const Shape shape{Dim(40), Dim(width)};
    const Tensor p = g.parameter("p", shape, normal(1)), q = g.parameter("q", shape, normal(1));
    const Tensor each = exp(p * 0.5);
    const Tensor total = broadcast(reshape(sum(each, {1}), {40, 1}), shape);
    g.update(p, p * 0.5 + 0.1 * each);
    g.update(q, q * 0.5 + each / total);
    g.objective(sum(0.1 * g.input("x", {g.batch(2)})));
    expect_equal({g});
  }
}

// A gradient that ends with an update reads a tensor of its own size.
TEST(EmittedGraphs, AskForWhatTheEndOfATileReadsIfThatIsLarge) {
  const auto source = [](std::int64_t rows) {
    Graph g;
    g.name = "sketch";
    const Dim batch = g.batch(8);
    const Tensor p = g.parameter("p", {rows, 512}, normal(1));
    const Tensor x = g.input("x", {batch, rows}), y = g.input("y", {batch, 512});
    g.update(p, p - matmul(transpose(x), y));
    g.objective(sum(x));
    const std::vector<ir::Module> modules = {passes::build_module(g)};
    return emit::emit(modules, {.stem = "sketch", .model_file = "sketch.cpp"}).source;
  };
  EXPECT_EQ(source(512).find("prefetch("), std::string::npos) << "a megabyte";
  EXPECT_NE(source(513).find("prefetch(p, "), std::string::npos);
}

TEST(EmittedGraphs, ReachEveryDecision) {
  Tally tally = all_decisions();
  for (std::uint64_t seed = 0; seed < kLargeFrom + kLargeGraphs; ++seed) {
    const Subject subject(graph_of(seed));
    count_decisions(subject.entries, subject.module, tally);
  }
  tally.print(std::cout);
  for (const std::string& decision : tally.missing())
    ADD_FAILURE() << "no graph has \"" << decision << "\"";
}

}  // namespace
}  // namespace gradc::graphs
