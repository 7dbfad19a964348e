#include <support/intern.h>

#include <mutex>
#include <set>
#include <string>

namespace gradc::support {

const char* intern(std::string_view name) {
  static std::mutex mutex;
  // Never destroyed: names outlive static destruction. The nodes of a set do not move.
  static auto& names = *new std::set<std::string, std::less<>>;
  const std::lock_guard lock(mutex);
  const auto found = names.find(name);
  return found != names.end() ? found->c_str() : names.emplace(name).first->c_str();
}

}  // namespace gradc::support
