// gradc-opt: runs passes on graphs that stand in a text file. For the tests of passes.
//
//   gradc-opt FILE [--pass=NAME[,NAME]...]      print the graphs after the passes
//       [--locations]                           with the places of nodes in model files
//       [--same-values=bitwise|close]           compare values before and after on random inputs
//       [--verify-only]                         print nothing
//   gradc-opt FILE --emit=STAGE                 print what gradc --emit=STAGE prints of these
//   models
//
// Exit status: 0 done, 1 the file is wrong or the values differ, 2 wrong usage.
#include <driver/compile.h>
#include <eval/compare.h>
#include <eval/random_bindings.h>
#include <ir/parse.h>
#include <ir/print.h>
#include <ir/verify.h>
#include <passes/differentiate.h>
#include <passes/pipeline.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <vector>

namespace gradc {
namespace {

struct Options {
  std::string file;
  std::vector<const passes::Pass*> passes;
  std::optional<eval::Sameness> same_values;
  std::string emit;  // a stage; empty: none
  bool locations = false;
  bool verify_only = false;
};

int usage(const std::string& mistake) {
  std::cerr << "gradc-opt: " << mistake << "\n"
            << "usage: gradc-opt FILE [--pass=NAME[,NAME]...] [--same-values=bitwise|close] "
               "[--locations] [--verify-only]\n"
            << "       gradc-opt FILE --emit=STAGE\npasses:\n";
  for (const passes::Pass& pass : passes::all_passes()) std::cerr << "  " << pass.name << "\n";
  return 2;
}

// A mistake in the arguments; empty: none.
std::string parse_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value = equals == argument.npos ? "" : argument.substr(equals + 1);
    if (name == "--pass") {
      std::istringstream names(value);
      for (std::string pass; std::getline(names, pass, ',');) {
        options.passes.push_back(passes::find_pass(pass));
        if (options.passes.back() == nullptr) return "unknown pass '" + pass + "'";
      }
      if (options.passes.empty()) return "--pass takes names of passes";
    } else if (name == "--same-values") {
      if (value == "bitwise")
        options.same_values = eval::Sameness::kBitwise;
      else if (value == "close")
        options.same_values = eval::Sameness::kClose;
      else
        return "--same-values takes bitwise or close, found '" + value + "'";
    } else if (name == "--emit") {
      const std::vector<std::string>& stages = driver::stage_names();
      if (std::find(stages.begin(), stages.end(), value) == stages.end())
        return "unknown stage '" + value + "'";
      options.emit = value;
    } else if (argument == "--locations") {
      options.locations = true;
    } else if (argument == "--verify-only") {
      options.verify_only = true;
    } else if (argument.starts_with("-") && argument != "-") {
      return "unknown option '" + argument + "'";
    } else if (!options.file.empty()) {
      return "one file, found '" + options.file + "' and '" + argument + "'";
    } else {
      options.file = argument;
    }
  }
  if (options.file.empty()) return "no file";
  const bool of_passes =
      !options.passes.empty() || options.same_values || options.locations || options.verify_only;
  return !options.emit.empty() && of_passes ? "--emit goes with no other option" : "";
}

bool holds(const Graph& graph, Op op) {
  for (const Node& node : graph.nodes)
    if (node.op == op) return true;
  return false;
}

// Both sides of `training`, unless a pass is for one of them; the largest batch and a batch of 1.
std::string compare_values(const Graph& before, const Graph& after, const Options& options) {
  bool inside = true, outside = true;
  for (const passes::Pass* pass : options.passes) {
    if (pass->when == passes::Pass::When::kTraining) outside = false;
    if (pass->when == passes::Pass::When::kOutside) inside = false;
  }
  // What a gradient means is what differentiate makes of it; its own test is finite differences.
  const auto expanded = [](const Graph& graph) {
    return holds(graph, op_of<Gradient>) ? passes::differentiate(graph) : graph;
  };
  const Graph left = expanded(before), right = expanded(after);
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const std::int64_t batch = before.batch_dim.size > 0 && seed % 2 == 1 ? 1 : 0;
    eval::Bindings bindings = eval::random_bindings(left, seed, batch);
    for (const bool training : {true, false}) {
      if (!(training ? inside : outside)) continue;
      bindings.training = training;
      const std::string text = eval::difference(left, right, bindings, *options.same_values);
      if (!text.empty())
        return "values differ at batch " + std::to_string(bindings.batch) +
               (training ? " in training" : " outside training") + ":\n" + text;
    }
  }
  return "";
}

int run(const Options& options) {
  std::ifstream file(options.file, std::ios::binary);
  if (!file) {
    std::cerr << "gradc-opt: error: cannot read " << options.file << "\n";
    return 1;
  }
  std::ostringstream text;
  text << file.rdbuf();

  support::Diagnostics diagnostics;
  const std::vector<Graph> graphs = ir::parse(text.str(), options.file, diagnostics);
  bool failed = diagnostics.failed();
  std::cerr << diagnostics.text();
  for (const Graph& graph : graphs) {
    const std::string name = "graph @" + graph.name.str() + ": ";
    if (const auto violations = ir::verify(graph); !violations.empty()) {
      std::cerr << options.file << ": error: " << name << "\n" << ir::to_string(violations);
      failed = true;
      continue;
    }
    if (!options.emit.empty()) continue;
    Graph result = graph;
    for (const passes::Pass* pass : options.passes) {
      result = pass->run(result);
      ir::check_verified(result, pass->name);
    }
    if (!options.verify_only)
      std::cout << ir::print(result, {.locations = options.locations}) << "\n";
    if (!options.same_values) continue;
    if (const std::string found = compare_values(graph, result, options); !found.empty()) {
      std::cerr << options.file << ": error: " << name << found;
      failed = true;
    }
  }
  if (graphs.empty() && !failed) {
    std::cerr << options.file << ": error: no graph\n";
    failed = true;
  }
  if (!failed && !options.emit.empty()) {
    const std::filesystem::path path = options.file;
    std::cout << driver::emit_stage(graphs, options.emit,
                                    {path.stem().string(), path.filename().string(), {"native"}});
  }
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace gradc

int main(int argc, char** argv) {
  gradc::Options options;
  const std::string mistake = gradc::parse_options(argc, argv, options);
  return mistake.empty() ? gradc::run(options) : gradc::usage(mistake);
}
