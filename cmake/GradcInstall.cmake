# What is installed: bin/gradc, the headers, the library behind trained programs, and the files that find_package(gradc) reads.
include(CMakePackageConfigHelpers)

foreach(name dsl core app)
  set_target_properties(gradc_${name} PROPERTIES EXPORT_NAME ${name})
endforeach()
set(gradc_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/gradc")
install(TARGETS gradc gradc_dsl gradc_core gradc_app EXPORT gradc)
install(EXPORT gradc NAMESPACE gradc:: FILE gradc-targets.cmake DESTINATION "${gradc_cmake_dir}")
foreach(folder dsl runtime)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}/gradc" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
endforeach()

configure_package_config_file(cmake/gradc-config.cmake.in "${PROJECT_BINARY_DIR}/gradc-config.cmake"
                              INSTALL_DESTINATION "${gradc_cmake_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gradc-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/gradc-config.cmake" "${PROJECT_BINARY_DIR}/gradc-config-version.cmake"
              cmake/GradcAddModel.cmake
        DESTINATION "${gradc_cmake_dir}")
