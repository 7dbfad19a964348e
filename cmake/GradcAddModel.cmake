# gradc_add_model(<name> SOURCES <file>
#                 [OPTIONS <option of gradc>...]   -DVOCAB=64 changes a constant of the declaration
#                 [TARGET native|x86-64-v3|x86-64-v4|generic]   the CPU, native if absent
#                 [FLAGS <compile flag>...]        how to compile the declaration itself: -I, -D
#                 [DEPENDS <file>...])             what must be built first; headers it includes are found
#
# Runs gradc on the declaration when the build runs, and makes two targets:
#   <name>        a static library with the generated API, in <stem of the file>.gen.h
#   <name>_main   the program `<name>` that trains, evaluates and samples the model
# What gradc writes lies in <current binary dir>/<name>.gradc/.
function(gradc_add_model name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET" "SOURCES;OPTIONS;FLAGS;DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gradc_add_model(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  list(LENGTH arg_SOURCES count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "gradc_add_model(${name}): SOURCES names ${count} files, a model is declared in one")
  endif()
  if(NOT arg_TARGET)
    set(arg_TARGET native)
  endif()
  if(NOT arg_TARGET MATCHES "^(native|x86-64-v3|x86-64-v4|generic)$")
    message(FATAL_ERROR "gradc_add_model(${name}): TARGET is ${arg_TARGET}, expected native, x86-64-v3, x86-64-v4 or generic")
  endif()
  cmake_path(ABSOLUTE_PATH arg_SOURCES BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE source)

  set(out "${CMAKE_CURRENT_BINARY_DIR}/${name}.gradc")
  cmake_path(GET source STEM stem)
  set(library_files "${out}/${stem}.gen.h" "${out}/${stem}.gen.cpp")
  set(program_files "${out}/${stem}.main.cpp")
  set(flags)
  if(arg_FLAGS)
    set(flags -- ${arg_FLAGS})
  endif()
  add_custom_command(
    OUTPUT ${library_files} ${program_files}
    COMMAND gradc::gradc "${source}" -o "${out}" --target=${arg_TARGET} "--depfile=${out}/${stem}.d" ${arg_OPTIONS}
            ${flags}
    DEPENDS gradc::gradc "${source}" ${arg_DEPENDS}
    DEPFILE "${out}/${stem}.d"
    COMMENT "gradc ${name}"
    VERBATIM)

  # The same flags for the library and the program: the program passes the library's own types around.
  set(options -O2 -ffp-contract=off)
  if(GRADC_SANITIZE)  # checks in every line of a large model take compilers minutes to optimise
    set(options -O1 -ffp-contract=off)
  endif()
  if(NOT arg_TARGET STREQUAL "generic")
    list(APPEND options -march=${arg_TARGET})
  endif()

  add_library(${name} STATIC ${library_files})
  target_include_directories(${name} PUBLIC "${out}")
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_compile_options(${name} PRIVATE ${options})
  target_link_libraries(${name} PUBLIC gradc::core)

  add_executable(${name}_main ${program_files})
  set_target_properties(${name}_main PROPERTIES OUTPUT_NAME ${name})
  target_compile_options(${name}_main PRIVATE ${options})
  target_link_libraries(${name}_main PRIVATE ${name} gradc::app)
endfunction()
