// The built-in pairs: numbers in words and dates in many forms, with what they come to.
//
//   one hundred and twenty three    123            0 to 9999, with "and" or without
//   3 March 2021                    2021-03-03     1950-01-01 to 2049-12-31
//   March 3, 2021; 3 Mar 2021; 3rd of March 2021; 03.03.2021; 2021/03/03; 03/03/21, the day first
#pragma once

#include <cstdint>
#include <string>

namespace gradc::app {

// `count` lines of source, tab, target, drawn by the seed. Numbers of few digits come often, as
// they do elsewhere.
std::string make_pairs_text(std::uint64_t seed, std::int64_t count);

}  // namespace gradc::app
