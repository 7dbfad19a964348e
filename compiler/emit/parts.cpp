#include "emit/parts.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace gradc::emit {
namespace {

// Text of kernels, in bytes before it is laid out, that pays for a file of its own: g++ takes about
// two seconds for it, and 0.6 s for what each file includes.
constexpr std::size_t kPartText = 200'000;

// Targets divide alike, by the text of the first.
std::size_t size_of(const Function& function) {
  return function.comment.size() + function.texts.front().size();
}

// Functions of a section that stay together.
struct Group {
  Section* section;
  std::vector<std::size_t> functions;
  std::size_t size = 0;  // of their text
};

std::vector<Group> groups_of(Section& section) {
  std::vector<Function>& functions = section.functions;
  std::vector<std::size_t> leader(functions.size());  // of each function's group, or on the way
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto find = [&](std::size_t at) {
    while (leader[at] != at) at = leader[at];
    return at;
  };
  for (std::size_t at = 0; at < functions.size(); ++at)
    for (const std::size_t callee : functions[at].calls) leader[find(callee)] = find(at);
  std::vector<Group> groups(functions.size(), Group{&section, {}, 0});
  for (std::size_t at = 0; at < functions.size(); ++at) {
    Group& group = groups[find(at)];
    group.functions.push_back(at);
    group.size += size_of(functions[at]);
  }
  std::erase_if(groups, [](const Group& group) { return group.functions.empty(); });
  return groups;
}

}  // namespace

void divide(std::vector<Sections>& models, int parts) {
  std::vector<Group> groups;
  for (Sections& model : models)
    for (Section& section : model.sections)
      for (Group& group : groups_of(section)) groups.push_back(std::move(group));
  // The largest first, each to where there is least so far.
  std::ranges::stable_sort(groups, std::greater(), &Group::size);
  std::vector<std::size_t> sizes(static_cast<std::size_t>(parts));
  for (const Group& group : groups) {
    const auto least = std::ranges::min_element(sizes);
    *least += group.size;
    for (const std::size_t at : group.functions)
      group.section->functions[at].part = static_cast<int>(least - sizes.begin());
  }
}

int parts_that_pay(const std::vector<Sections>& models) {
  std::size_t size = 0;
  for (const Sections& model : models)
    for (const Section& section : model.sections)
      for (const Function& function : section.functions) size += size_of(function);
  return std::max(1, static_cast<int>(size / kPartText));
}

}  // namespace gradc::emit
