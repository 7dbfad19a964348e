#include "graphs/tally.h"

#include <iomanip>
#include <ostream>

namespace gradc::graphs {

std::vector<std::string> Tally::missing() const {
  std::vector<std::string> names;
  for (const std::string& name : names_)
    if (counts_.at(name) == 0) names.push_back(name);
  return names;
}

void Tally::print(std::ostream& out) const {
  for (const std::string& name : names_)
    out << std::setw(8) << counts_.at(name) << "  " << name << "\n";
}

}  // namespace gradc::graphs
