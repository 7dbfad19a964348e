# The build tree is laid out like an installed prefix: bin/, lib/ and include/gradc/. So `gradc` finds its headers by the
# same rule in both places: ../include from its own binary.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

# An installed gradc finds Clang's libraries where this build found them.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# dsl/gradc/* and runtime/gradc/* meet in include/gradc/, as links, so that an edit is seen at once.
file(GLOB public_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/dsl/gradc/*" "${PROJECT_SOURCE_DIR}/runtime/gradc/*")
foreach(header IN LISTS public_headers)
  cmake_path(GET header FILENAME name)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/gradc")
  file(CREATE_LINK "${header}" "${PROJECT_BINARY_DIR}/include/gradc/${name}" SYMBOLIC)
endforeach()
