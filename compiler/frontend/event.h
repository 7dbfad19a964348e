// What the child that runs Clang tells its parent, as bytes in a pipe.
#pragma once

#include <gradc/freeze.h>

#include <functional>
#include <optional>
#include <string>

#include "support/diagnostic.h"

namespace gradc::frontend {

struct Event {
  enum class Kind : std::uint8_t {
    kScreen,     // text: something that Clang printed
    kComplaint,  // place, text: an error of gradc; notes
    kWarning,    // place, text
    kBegin,      // place, text: the model of this name is evaluated next
    kModel,      // place, text, frozen: a model, complete
    kFile,       // text: a file that was read
    kDone,       // always last; text: "failed" if Clang has found an error
  };
  Kind kind = Kind::kDone;
  std::string text;
  support::Place place;
  std::vector<support::Remark> notes;
  Frozen frozen;
};

using Events = std::function<void(const Event&)>;

std::string encode(const Event& event);

// Takes the first event off the front of `bytes`; nothing while it is incomplete.
std::optional<Event> decode(std::string& bytes);

}  // namespace gradc::frontend
