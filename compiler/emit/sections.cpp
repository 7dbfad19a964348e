#include "emit/sections.h"

#include "emit/tables.h"

namespace gradc::emit {
namespace {

Section write_section(const ir::Module& module, const std::string& space,
                      const std::string& kernels, const std::vector<Target>& targets,
                      const Tuning& tuning) {
  Section section{&module, space, kernels, {}, {}};
  KernelWriter writer(targets, kernels, tuning);
  for (const auto& [name, program] : entries_of(module)) {
    Entry& entry = section.entries.emplace_back();
    entry.name = name;
    entry.program = program;
    for (const ir::Unit& unit : ir::units_of(*program))
      entry.calls.push_back(writer.write(*program, unit, name));
  }
  section.functions = writer.take();
  return section;
}

}  // namespace

std::vector<Sections> write_sections(std::span<const ir::Module> modules, const Options& options) {
  std::vector<Target> targets;
  for (const NamedTarget& target : options.targets) targets.push_back(target.target);
  if (targets.empty()) targets.push_back(options.target);
  const auto section = [&](const ir::Module& module, const char* space, const char* kernels) {
    return write_section(module, space, kernels, targets, options.tuning);
  };
  std::vector<Sections> models;
  for (const ir::Module& module : modules) {
    Sections& model = models.emplace_back();
    model.model = &module;
    for (const ir::Module& reference : module.reference)
      model.sections.push_back(section(reference, "reference", "reference_kernels"));
    for (const ir::Module& decoder : module.decoder)
      model.sections.push_back(section(decoder, "decoder", "decoder_kernels"));
    model.sections.push_back(section(module, "", "kernels"));
  }
  return models;
}

}  // namespace gradc::emit
