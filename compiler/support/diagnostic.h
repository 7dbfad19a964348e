// Diagnostics: what is wrong with the user's input, printed as Clang does.
//
//   models/nplm.cpp:14:30: error: matmul contracts dimensions of different size: hidden=200 and 300
//   models/nplm.cpp:12:24: note: left operand is [batch=32, hidden=200]
//
// Messages are lowercase, without a final period, and say what was expected and what was found.
#pragma once

#include <string>
#include <tuple>
#include <vector>

namespace gradc::support {

// A place in a file; line 0: the file as a whole; no file: no place.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
  friend bool operator==(const Place&, const Place&) = default;
};

enum class Severity { kError, kWarning };

struct Remark {
  std::string message;
  Place place;
  friend auto operator<=>(const Remark&, const Remark&) = default;
  friend bool operator==(const Remark&, const Remark&) = default;
};

struct Complaint {
  Place place;
  Severity severity = Severity::kError;
  std::string message;
  std::vector<Remark> notes;
  friend auto operator<=>(const Complaint&, const Complaint&) = default;
  friend bool operator==(const Complaint&, const Complaint&) = default;
};

class Diagnostics {
 public:
  void error(Place place, std::string message, std::vector<Remark> notes = {});
  void warning(Place place, std::string message, std::vector<Remark> notes = {});

  bool failed() const;  // there is an error
  bool empty() const { return complaints_.empty(); }
  // By file, line and column; each once.
  std::vector<Complaint> sorted() const;
  // One line for each complaint and note, as above. Empty without complaints.
  std::string text() const;

 private:
  std::vector<Complaint> complaints_;
};

}  // namespace gradc::support
