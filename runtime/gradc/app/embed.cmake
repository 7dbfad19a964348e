# Writes a C++ source that holds the bytes of INPUT: cmake -DINPUT=... -DOUTPUT=... -P embed.cmake
file(READ "${INPUT}" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REPEAT "....." 20 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Written by the build from names.txt.
#include <cstddef>

namespace gradc::app {

extern const char kNamesData[];
extern const std::size_t kNamesSize;

const char kNamesData[] = {
${bytes}
};
const std::size_t kNamesSize = ${size};

}  // namespace gradc::app
")
