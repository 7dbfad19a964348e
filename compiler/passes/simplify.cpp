#include "passes/simplify.h"

namespace gradc::passes {

const std::vector<ir::Rule>& simplify_rules() {
  static const std::vector<ir::Rule> rules = [] {
    std::vector<ir::Rule> all;
    for (const std::span<const ir::Rule> family : std::initializer_list<std::span<const ir::Rule>>{})
      all.insert(all.end(), family.begin(), family.end());
    return all;
  }();
  return rules;
}

Graph simplify(const Graph& graph) { return ir::rewrite_until_stable(graph, simplify_rules(), 1000); }

}  // namespace gradc::passes
