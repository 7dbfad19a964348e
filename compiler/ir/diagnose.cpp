#include <ir/diagnose.h>

namespace gradc::ir {

support::Place place_of(const Graph& graph, const Location& location) {
  if (location.file < 0 || location.file >= static_cast<int>(graph.files.size())) return {};
  return {graph.files[location.file].str(), location.line, location.column};
}

void diagnose(const Graph& graph, support::Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : graph.diagnostics) {
    std::vector<support::Remark> notes;
    for (const Note& note : diagnostic.notes)
      notes.push_back({note.message.str(), place_of(graph, note.location)});
    diagnostics.error(place_of(graph, diagnostic.location), diagnostic.message.str(),
                      std::move(notes));
  }
}

}  // namespace gradc::ir
