// Tally: how often each of some decisions was taken.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace gradc::graphs {

// What may be decided about `What`, and how that is seen in what has become of it.
template <class What>
struct Decision {
  const char* name;
  bool (*taken)(const What&);
};

class Tally {
 public:
  template <class What, std::size_t N>
  void declare(const Decision<What> (&table)[N]) {
    for (const Decision<What>& decision : table) {
      names_.push_back(decision.name);
      counts_[decision.name] = 0;
    }
  }
  template <class What, std::size_t N>
  void count(const Decision<What> (&table)[N], const What& what) {
    for (const Decision<What>& decision : table) counts_.at(decision.name) += decision.taken(what);
  }

  // The names of those that were never taken.
  std::vector<std::string> missing() const;
  // A line for each: its name, and how often it was taken.
  void print(std::ostream& out) const;

 private:
  std::vector<std::string> names_;  // as declared
  std::map<std::string, int> counts_;
};

}  // namespace gradc::graphs
