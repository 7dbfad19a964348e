// JSON from a file that nobody vouches for.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace gradc::app {

// Throws a DataError "PATH: not JSON at byte N".
nlohmann::json parse_json(const std::string& path, std::string_view text);

// The member of an object; null if `value` is none or has no such member.
const nlohmann::json& json_member(const nlohmann::json& value, const char* name);

}  // namespace gradc::app
