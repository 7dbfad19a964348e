#include "driver/tuning_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace gradc::driver {
namespace {

using nlohmann::json;

constexpr const char* kTiles = "tiles";

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
      return tiles_of(json::parse(text_));
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
  emit::Tuning tiles_of(const json& root) {
    emit::Tuning tuning;
    if (!root.is_object() || !root.contains(kTiles) || !root[kTiles].is_object()) {
      diagnostics_.error(place_of(0), "expected an object with an object \"tiles\"");
      return {};
    }
    for (const auto& [key, value] : root.items())
      if (key != kTiles)
        diagnostics_.error(place_of_key(key), "expected \"tiles\" alone, found \"" + key + "\"");
    for (const auto& [key, tile] : root[kTiles].items()) {
      const emit::TileShape shape{number(tile, "rows"), number(tile, "vectors")};
      if (shape.rows > 0 && shape.vectors > 0 && tile.size() == 2)
        tuning[key] = shape;
      else
        diagnostics_.error(place_of_key(key),
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

  support::Place place_of_key(const std::string& key) const {
    const std::size_t at = text_.find(json(key).dump());
    return at == text_.npos ? support::Place{path_} : place_of(at);
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
