# gradc_clang: Clang 19 and LLVM 19 as libraries, linked dynamically to keep links short. Their headers are system headers.
foreach(name FFI LibEdit ZLIB zstd LibXml2 CURL)
  set(CMAKE_DISABLE_FIND_PACKAGE_${name} ON)  # wanted by LLVM's static libraries only
endforeach()
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/llvm)
find_package(Clang 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/clang)
message(STATUS "Clang: ${LLVM_PACKAGE_VERSION} in ${LLVM_INSTALL_PREFIX}")

add_library(gradc_clang INTERFACE)
target_include_directories(gradc_clang SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${CLANG_INCLUDE_DIRS})
target_link_libraries(gradc_clang INTERFACE clang-cpp LLVM)
separate_arguments(definitions UNIX_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(gradc_clang INTERFACE ${definitions})
# A class that derives from one of LLVM's needs type information exactly when LLVM has it.
if(NOT LLVM_ENABLE_RTTI)
  target_compile_options(gradc_clang INTERFACE -fno-rtti)
endif()
