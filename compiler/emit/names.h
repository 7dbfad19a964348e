// names: C++ identifiers from the names of a model.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace gradc::emit {

// "hidden/weight" becomes hidden_weight. Never empty, a keyword, or a name that generated code
// uses.
std::string identifier(std::string_view name);

// "hidden/weight" becomes HiddenWeight.
std::string camel_case(std::string_view name);

// Hands out names that are in use once: x, x_2, x_3, ...
class Names {
 public:
  std::string take(std::string_view wanted);
  void release(const std::string& name) { used_.erase(name); }

 private:
  std::set<std::string, std::less<>> used_;
};

}  // namespace gradc::emit
