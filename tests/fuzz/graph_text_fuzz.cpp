// Text either is a mistake that is told, or graphs: then they print, and what is printed reads as
// the same graphs again.
#include <ir/parse.h>
#include <ir/print.h>
#include <ir/verify.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using gradc::Graph;

std::string print_all(const std::vector<Graph>& graphs) {
  std::string text;
  for (const Graph& graph : graphs) text += gradc::ir::print(graph, {.locations = true}) + "\n";
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gradc::support::Diagnostics diagnostics;
  const std::vector<Graph> graphs = gradc::ir::parse(text, "input", diagnostics);
  (void)diagnostics.text();
  for (const Graph& graph : graphs) (void)gradc::ir::verify(graph);
  const std::string printed = print_all(graphs);
  gradc::support::Diagnostics none;
  const std::vector<Graph> again = gradc::ir::parse(printed, "printed", none);
  if (none.failed() || print_all(again) != printed) std::abort();
  return 0;
}
