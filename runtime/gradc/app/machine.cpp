#include <fmt/format.h>
#include <gradc/app/machine.h>

#include <cstdlib>
#include <fstream>
#include <thread>

namespace gradc::app {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (line.starts_with("model name") && colon + 2 < line.size()) return line.substr(colon + 2);
  }
  return "unknown";
}

std::vector<Cache> caches() {
  std::vector<Cache> found;
  for (int i = 0;; ++i) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", i);
    const std::string level = first_line(folder + "level");
    if (level.empty()) return found;
    const std::string type = first_line(folder + "type");
    if (type == "Instruction") continue;
    const std::string size = first_line(folder + "size");  // "32K"
    const std::int64_t unit = size.ends_with('M') ? 1 << 20 : size.ends_with('K') ? 1 << 10 : 1;
    found.push_back({fmt::format("L{}{}", level, type == "Data" ? "d" : ""),
                     std::strtoll(size.c_str(), nullptr, 10) * unit});
  }
}

}  // namespace

Machine inspect_machine() {
  Machine machine{.processor = processor_name(),
                  .cores = static_cast<int>(std::thread::hardware_concurrency()),
                  .caches = caches()};
  double load;
  if (getloadavg(&load, 1) == 1) machine.load = load;
  return machine;
}

std::vector<std::string> measuring_warnings(const Machine& machine, int threads) {
  std::vector<std::string> warnings;
  const double free_cores = machine.cores - machine.load;
  if (machine.load >= 0 && free_cores < threads - 0.5) {
    warnings.push_back(fmt::format("other programs are running: load {:.1f} on {} cores",
                                   machine.load, machine.cores));
  }
  if (threads > machine.cores) {
    warnings.push_back(fmt::format("{} threads on {} cores", threads, machine.cores));
  }
  const std::string governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!governor.empty() && governor != "performance") {
    warnings.push_back(fmt::format("the clock follows the load: its governor is {}", governor));
  }
#if !defined(__OPTIMIZE__)
  warnings.emplace_back("this program was built without optimisation");
#endif
  return warnings;
}

}  // namespace gradc::app
