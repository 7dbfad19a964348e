#include <fmt/core.h>
#include <gradc/app/errors.h>
#include <gradc/app/json_text.h>

namespace gradc::app {

using nlohmann::json;

json parse_json(const std::string& path, std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    throw DataError(fmt::format("{}: not JSON at byte {}", path, error.byte));
  } catch (const json::out_of_range&) {  // which does not say where
    throw DataError(fmt::format("{}: has a number that no double holds", path));
  }
}

const json& json_member(const json& value, const char* name) {
  static const json kNull;
  if (!value.is_object()) return kNull;
  const auto found = value.find(name);
  return found == value.end() ? kNull : *found;
}

}  // namespace gradc::app
