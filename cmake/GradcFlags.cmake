# Flags for everything this project compiles itself. A project that uses gradc gets none of them.

# The emitted code writes every fused multiply-add out; a compiler that fused more on its own would make results depend on
# the compiler.
add_compile_options(-ffp-contract=off)

add_compile_options(
  -Wall -Wextra -Wpedantic -Wundef -Wvla -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
  -Wimplicit-fallthrough
  # Options are given by name with the rest left to their defaults: sgd({.learning_rate = 0.1}).
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wshadow=local)  # a parameter may be named like the accessor it fills
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of GCC 12 inside std::string's own operator+ and std::vector's growth.
  add_compile_options(-Wno-restrict -Wno-stringop-overflow)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wno-missing-designated-field-initializers)
  # std::stable_sort of libstdc++ 12 calls a function that is deprecated itself.
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(GRADC_WERROR)
  add_compile_options(-Werror)
endif()

# Debug is the build that the tests use: checked containers, line numbers, and enough optimisation to run numbers.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
add_compile_definitions("$<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>")

if(GRADC_SANITIZE)
  add_compile_options(-fsanitize=${GRADC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GRADC_SANITIZE})
endif()
if(GRADC_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "GRADC_FUZZ needs Clang, the compiler is ${CMAKE_CXX_COMPILER_ID}")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Two cores serve a cold build; ccache, where it is installed, serves the next one.
find_program(GRADC_CCACHE ccache)
mark_as_advanced(GRADC_CCACHE)
if(GRADC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GRADC_CCACHE}")
endif()
