# Headers of third parties, parsed once for all files that stand on them.
#
#   rankloop_precompile(name TARGETS targets... HEADERS headers...)
#   rankloop_use_precompiled(target name)
#
# CMake's own precompiled headers hold the path of the build folder, so the compiler cache would serve no other
# checkout. These hold none: they are compiled from a header that every system has, with ours included on the command
# line, and named relative to the build folder, in which every command runs. GCC goes without.
option(RANKLOOP_PRECOMPILE "Precompile headers of third parties (clang only)" ON)

set(RANKLOOP_STANDARD_HEADERS
  algorithm array atomic charconv chrono cmath condition_variable cstdint deque fstream functional map memory mutex
  optional span sstream stop_token string string_view thread unordered_map unordered_set utility variant vector)

function(rankloop_precompile name)
  cmake_parse_arguments(ARG "" "" "TARGETS;HEADERS" ${ARGN})
  if(NOT RANKLOOP_PRECOMPILE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  set(usage)
  foreach(target IN LISTS ARG_TARGETS)
    set(definitions $<TARGET_PROPERTY:${target},INTERFACE_COMPILE_DEFINITIONS>)
    list(APPEND usage $<$<BOOL:${definitions}>:-D$<JOIN:${definitions},$<SEMICOLON>-D>>
         $<TARGET_PROPERTY:${target},INTERFACE_COMPILE_OPTIONS>)
  endforeach()
  set(headers)
  foreach(header IN LISTS RANKLOOP_STANDARD_HEADERS ARG_HEADERS)
    list(APPEND headers -include ${header})
  endforeach()
  set(file precompiled/${name}.pch)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/precompiled)
  add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/${file}
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -std=c++20 $<TARGET_PROPERTY:rankloop_flags,INTERFACE_COMPILE_OPTIONS>
            ${usage} -Wno-everything -fpch-instantiate-templates -Xclang -fno-pch-timestamp
            -Xclang -emit-pch -x c++-header ${headers} -MD -MF ${file}.d -MT ${file} -o ${file}
            -c /usr/include/stdc-predef.h
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} DEPFILE ${CMAKE_BINARY_DIR}/${file}.d
    COMMENT "Precompiling headers: ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(precompiled_${name} DEPENDS ${CMAKE_BINARY_DIR}/${file})
endfunction()

# What computes a lot is optimised under sanitizers, too, which are built without: its headers were precompiled so, and
# only __OPTIMIZE__ differs.
function(rankloop_optimise target)
  if(RANKLOOP_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${target} PRIVATE -O1 "SHELL:-Xclang -fno-validate-pch")
  endif()
endfunction()

function(rankloop_use_precompiled target name)
  if(NOT TARGET precompiled_${name})
    return()
  endif()
  set(file precompiled/${name}.pch)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -include-pch -Xclang ${file} -Xclang -fno-pch-timestamp>")
  add_dependencies(${target} precompiled_${name})
  get_target_property(sources ${target} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/${file})
endfunction()
