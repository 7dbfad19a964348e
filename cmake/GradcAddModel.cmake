# gradc_add_model(<name> SOURCES <file>
#                 [OPTIONS <option of gradc>...]   -DVOCAB=64 changes a constant of the declaration
#                 [TARGET native|x86-64-v3|x86-64-v4|generic...]   the CPU, native if absent; of several but
#                                                  native, the program picks where it runs
#                 [PARTS <number>]                 of how many files the kernels of a target are in, 1 if absent; more
#                                                  of them compile side by side
#                 [TUNING <file>]                  tiles that gradc tune has measured
#                 [FLAGS <compile flag>...]        how to compile the declaration itself: -I, -D
#                 [DEPENDS <file>...])             what must be built first; headers it includes are found
#
# Runs gradc on the declaration when the build runs, and makes two targets:
#   <name>        a static library with the generated API, in <stem of the file>.gen.h
#   <name>_main   the program `<name>` that trains, evaluates and samples the model
# What gradc writes lies in <current binary dir>/<name>.gradc/.
function(gradc_add_model name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PARTS;TUNING" "SOURCES;OPTIONS;TARGET;FLAGS;DEPENDS")
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
  foreach(target IN LISTS arg_TARGET)
    if(NOT target MATCHES "^(native|x86-64-v3|x86-64-v4|generic)$")
      message(FATAL_ERROR "gradc_add_model(${name}): TARGET is ${target}, expected native, x86-64-v3, x86-64-v4 or generic")
    endif()
  endforeach()
  list(LENGTH arg_TARGET target_count)
  set(distinct ${arg_TARGET})
  list(REMOVE_DUPLICATES distinct)
  if(NOT distinct STREQUAL arg_TARGET)
    message(FATAL_ERROR "gradc_add_model(${name}): TARGET is ${arg_TARGET}, expected each once")
  endif()
  if(target_count GREATER 1 AND native IN_LIST arg_TARGET)
    message(FATAL_ERROR "gradc_add_model(${name}): TARGET is ${arg_TARGET}, expected native alone")
  endif()
  if(NOT DEFINED arg_PARTS)
    set(arg_PARTS 1)
  endif()
  if(NOT arg_PARTS MATCHES "^[1-9][0-9]*$" OR arg_PARTS GREATER 64)
    message(FATAL_ERROR "gradc_add_model(${name}): PARTS is ${arg_PARTS}, expected a whole number from 1 to 64")
  endif()
  cmake_path(ABSOLUTE_PATH arg_SOURCES BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE source)

  set(out "${CMAKE_CURRENT_BINARY_DIR}/${name}.gradc")
  cmake_path(GET source STEM stem)
  set(library_files "${out}/${stem}.gen.h" "${out}/${stem}.gen.cpp")
  set(program_files "${out}/${stem}.main.cpp")
  foreach(target IN LISTS arg_TARGET)
    set(of_target "${out}/${stem}")
    if(target_count GREATER 1)
      string(APPEND of_target ".${target}")
    endif()
    set(kernels)
    if(arg_PARTS GREATER 1)
      foreach(part RANGE 1 ${arg_PARTS})
        list(APPEND kernels "${of_target}.kernels${part}.gen.cpp")
      endforeach()
    elseif(target_count GREATER 1)
      set(kernels "${of_target}.gen.cpp")
    endif()
    list(APPEND library_files ${kernels})
    if(target_count GREATER 1 AND NOT target STREQUAL "generic")
      set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS -march=${target})
    endif()
  endforeach()
  list(JOIN arg_TARGET "," targets)
  if(arg_TUNING)
    cmake_path(ABSOLUTE_PATH arg_TUNING BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE tuning)
    list(APPEND arg_OPTIONS "--tuning=${tuning}")
    list(APPEND arg_DEPENDS "${tuning}")
  endif()
  set(flags)
  if(arg_FLAGS)
    set(flags -- ${arg_FLAGS})
  endif()
  add_custom_command(
    OUTPUT ${library_files} ${program_files}
    COMMAND gradc::gradc "${source}" -o "${out}" --target=${targets} --parts=${arg_PARTS}
            "--depfile=${out}/${stem}.d" ${arg_OPTIONS} ${flags}
    DEPENDS gradc::gradc "${source}" ${arg_DEPENDS}
    DEPFILE "${out}/${stem}.d"
    COMMENT "gradc ${name}"
    VERBATIM)

  # The same flags for the library and the program: the program passes the library's own types around.
  set(options -O2 -ffp-contract=off)
  if(GRADC_SANITIZE)  # checks in every line of a large model take compilers minutes to optimise
    set(options -O1 -ffp-contract=off)
  endif()
  if(target_count GREATER 1)
    list(APPEND options -march=x86-64)  # what picks has to run anywhere; a source's own option comes later
  elseif(NOT arg_TARGET STREQUAL "generic")
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
