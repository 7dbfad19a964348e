#include <support/diagnostic.h>

#include <algorithm>
#include <map>

namespace gradc::support {
namespace {

void append_line(std::string& text, const Place& place, const char* word,
                 const std::string& message) {
  if (!place.file.empty()) {
    text += place.file + ":";
    if (place.line > 0) text += std::to_string(place.line) + ":";
    if (place.line > 0 && place.column > 0) text += std::to_string(place.column) + ":";
    text += " ";
  }
  text += word;
  text += ": " + message + "\n";
}

}  // namespace

void Diagnostics::error(Place place, std::string message, std::vector<Remark> notes) {
  complaints_.push_back({std::move(place), Severity::kError, std::move(message), std::move(notes)});
}

void Diagnostics::warning(Place place, std::string message, std::vector<Remark> notes) {
  complaints_.push_back(
      {std::move(place), Severity::kWarning, std::move(message), std::move(notes)});
}

bool Diagnostics::failed() const {
  return std::any_of(complaints_.begin(), complaints_.end(), [](const Complaint& complaint) {
    return complaint.severity == Severity::kError;
  });
}

std::vector<Complaint> Diagnostics::sorted() const {
  // Complaints at one place stay in the order in which they were made.
  std::map<Place, std::vector<Complaint>> by_place;
  for (const Complaint& complaint : complaints_) {
    std::vector<Complaint>& here = by_place[complaint.place];
    if (std::find(here.begin(), here.end(), complaint) == here.end()) here.push_back(complaint);
  }
  std::vector<Complaint> once;
  for (auto& [place, here] : by_place)
    for (Complaint& complaint : here) once.push_back(std::move(complaint));
  return once;
}

std::string Diagnostics::text() const {
  std::string text;
  for (const Complaint& complaint : sorted()) {
    append_line(text, complaint.place, complaint.severity == Severity::kError ? "error" : "warning",
                complaint.message);
    for (const Remark& note : complaint.notes) append_line(text, note.place, "note", note.message);
  }
  return text;
}

}  // namespace gradc::support
