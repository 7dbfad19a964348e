#include "driver/tuning_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

namespace gradc::driver {
namespace {

using nlohmann::json;

constexpr const char* kTiles = "tiles";

// Those of an object, and the byte of the file where each begins.
using Keys = std::map<std::string, std::size_t>;

class Reader {
 public:
  Reader(std::string path, support::Diagnostics& diagnostics)
      : path_(std::move(path)), diagnostics_(diagnostics) {}

  emit::Tuning read() {
    std::ifstream in(path_, std::ios::binary);
    std::ostringstream text;
    if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (!in.is_open() || in.bad() || text.bad()) {
      diagnostics_.error({path_}, std::string("cannot be read: ") + std::strerror(errno));
      return {};
    }
    text_ = text.str();
    try {
      const json root = parse();
      return twice_ ? emit::Tuning() : tiles_of(root);
    } catch (const json::parse_error& error) {
      diagnostics_.error(place_of(error.byte > 0 ? error.byte - 1 : 0),
                         "expected JSON, as gradc tune writes it: " + reason(error.what()));
      return {};
    } catch (const json::out_of_range& error) {
      diagnostics_.error(place_of(0),
                         "expected JSON, as gradc tune writes it: " + reason(error.what()));
      return {};
    }
  }

 private:
  // Of two members with the same key nlohmann keeps the last. It tells of each key as it has read
  // its last quote.
  json parse() {
    std::istringstream in(text_);
    std::vector<Keys> open;
    std::string member;  // of the root, the last one
    return json::parse(in, [&](int, json::parse_event_t event, const json& parsed) {
      if (event == json::parse_event_t::object_start) open.emplace_back();
      if (event == json::parse_event_t::key) {
        if (open.size() == 1) member = parsed.get<std::string>();
        add(open.back(), parsed, start_of_string(static_cast<std::size_t>(in.tellg())));
      }
      if (event == json::parse_event_t::object_end) {
        if (open.size() == 1) members_ = std::move(open.back());
        if (open.size() == 2 && member == kTiles) tiles_ = std::move(open.back());
        open.pop_back();
      }
      return true;
    });
  }

  void add(Keys& keys, const json& key, std::size_t byte) {
    const auto [first, added] = keys.emplace(key, byte);
    if (added) return;
    twice_ = true;
    diagnostics_.error(place_of(byte), "expected each key once, found " + key.dump() + " again",
                       {{"the first is here", place_of(first->second)}});
  }

  // A quote within has a backslash before it, and the first has none.
  std::size_t start_of_string(std::size_t end) const {
    std::size_t at = end - 2;
    while (text_[at] != '"' || text_[at - 1] == '\\') --at;
    return at;
  }

  emit::Tuning tiles_of(const json& root) {
    emit::Tuning tuning;
    if (!root.is_object() || !root.contains(kTiles) || !root[kTiles].is_object()) {
      diagnostics_.error(place_of(0), "expected an object with an object \"tiles\"");
      return {};
    }
    for (const auto& [key, value] : root.items())
      if (key != kTiles)
        diagnostics_.error(place_of(members_.at(key)),
                           "expected \"tiles\" alone, found \"" + key + "\"");
    for (const auto& [key, tile] : root[kTiles].items()) {
      const emit::TileShape shape{number(tile, "rows"), number(tile, "vectors")};
      if (shape.rows > 0 && shape.vectors > 0 && tile.size() == 2)
        tuning[key] = shape;
      else
        diagnostics_.error(place_of(tiles_.at(key)),
                           "expected {\"rows\": R, \"vectors\": V}, both from 1 to 64, found " +
                               tile.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    return tuning;
  }

  // 0 if it is none that a tile can have.
  static int number(const json& tile, const char* member) {
    if (!tile.is_object() || !tile.contains(member)) return 0;
    const json& value = tile[member];
    if (!value.is_number_unsigned()) return 0;
    const auto number = value.get<std::uint64_t>();
    return number <= 64 ? static_cast<int>(number) : 0;
  }

  // nlohmann's message without its number and place.
  static std::string reason(const std::string& what) {
    const std::size_t dash = what.find(" - "), bracket = what.find("] ");
    if (dash != what.npos) return what.substr(dash + 3);
    return bracket == what.npos ? what : what.substr(bracket + 2);
  }

  support::Place place_of(std::size_t byte) const {
    const std::string before = text_.substr(0, byte);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.find_last_of('\n');
    const std::size_t column = start == before.npos ? before.size() : before.size() - start - 1;
    return {path_, static_cast<int>(line) + 1, static_cast<int>(column) + 1};
  }

  std::string path_;
  support::Diagnostics& diagnostics_;
  std::string text_;
  Keys members_, tiles_;
  bool twice_ = false;  // a key
};

}  // namespace

emit::Tuning read_tuning(const std::string& path, support::Diagnostics& diagnostics) {
  return Reader(path, diagnostics).read();
}

std::string tuning_text(const emit::Tuning& tuning) {
  nlohmann::ordered_json tiles = nlohmann::ordered_json::object();
  for (const auto& [key, shape] : tuning)
    tiles[key] = {{"rows", shape.rows}, {"vectors", shape.vectors}};
  return nlohmann::ordered_json{{kTiles, tiles}}.dump(2) + "\n";
}

}  // namespace gradc::driver
