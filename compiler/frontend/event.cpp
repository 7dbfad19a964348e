#include "frontend/event.h"

#include <cstring>

namespace gradc::frontend {
namespace {

class Packer {
 public:
  void bytes(const void* data, std::size_t size) {
    out.append(static_cast<const char*>(data), size);
  }
  template <class T>
  void value(const T& x) {
    bytes(&x, sizeof x);
  }
  template <class Sequence>
  void sequence(const Sequence& items) {
    value(static_cast<std::uint64_t>(items.size()));
    bytes(items.data(), items.size() * sizeof *items.data());
  }
  std::string out;
};

// The counterpart; `ok` is false once the bytes have run out.
class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}
  void bytes(void* data, std::size_t size) {
    ok = ok && size <= in_.size();
    if (!ok) return;
    if (size > 0) std::memcpy(data, in_.data(), size);
    in_.remove_prefix(size);
  }
  template <class T>
  void value(T& x) {
    bytes(&x, sizeof x);
  }
  template <class Sequence>
  void sequence(Sequence& items) {
    std::uint64_t count = 0;
    value(count);
    ok = ok && count <= in_.size() / sizeof *items.data();
    if (!ok) return;
    items.resize(count);
    bytes(items.data(), count * sizeof *items.data());
  }
  bool ok = true;

 private:
  std::string_view in_;
};

template <class Archive, class Place>
void transfer(Archive& archive, Place& place) {
  archive.sequence(place.file);
  archive.value(place.line);
  archive.value(place.column);
}

// One list of fields for both directions.
template <class Archive, class SomeEvent>
void transfer_fields(Archive& archive, SomeEvent& event, std::string& frozen_text) {
  archive.value(event.kind);
  archive.sequence(event.text);
  transfer(archive, event.place);
  archive.sequence(event.frozen.words);
  archive.sequence(event.frozen.reals);
  archive.sequence(frozen_text);
}

}  // namespace

std::string encode(const Event& event) {
  Packer packer;
  std::string text = event.frozen.text.str();
  transfer_fields(packer, event, text);
  packer.value(static_cast<std::uint64_t>(event.notes.size()));
  for (const support::Remark& note : event.notes) {
    packer.sequence(note.message);
    transfer(packer, note.place);
  }
  Packer framed;
  framed.sequence(packer.out);
  return framed.out;
}

std::optional<Event> decode(std::string& bytes) {
  Unpacker frame(bytes);
  std::string payload;
  frame.sequence(payload);
  if (!frame.ok) return {};
  bytes.erase(0, sizeof(std::uint64_t) + payload.size());

  Unpacker unpacker(payload);
  Event event;
  std::string text;
  transfer_fields(unpacker, event, text);
  event.frozen.text = Text(std::string_view(text));
  std::uint64_t notes = 0;
  unpacker.value(notes);
  for (; notes > 0 && unpacker.ok; --notes) {
    support::Remark note;
    unpacker.sequence(note.message);
    transfer(unpacker, note.place);
    event.notes.push_back(std::move(note));
  }
  return unpacker.ok ? std::optional(std::move(event)) : std::nullopt;
}

}  // namespace gradc::frontend
