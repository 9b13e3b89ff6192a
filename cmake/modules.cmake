# rankloop_module(name DEPENDS modules... LIBRARIES libraries... PRECOMPILED name): src/<name>/ becomes rankloop_<name>.
find_package(Git QUIET)

add_library(rankloop_flags INTERFACE)
target_compile_options(rankloop_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wcast-align -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough -Werror=switch -Wno-missing-field-initializers
  -fno-omit-frame-pointer)
if(RANKLOOP_SANITIZE)
  target_compile_options(rankloop_flags INTERFACE -fsanitize=${RANKLOOP_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(rankloop_flags INTERFACE -fsanitize=${RANKLOOP_SANITIZE})
  # GCC 12 reports false positives in library headers once a sanitizer changes the inlining.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(rankloop_flags INTERFACE -Wno-maybe-uninitialized -Wno-null-dereference -Wno-restrict)
  endif()
endif()

# libstdc++ 12 marks what its own stable_sort uses as deprecated, which clang then reports at every use.
target_compile_options(rankloop_flags INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)

function(rankloop_module name)
  cmake_parse_arguments(ARG "" "PRECOMPILED" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(target rankloop_${name})
  if(NOT sources)
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE rankloop_flags)
    if(ARG_PRECOMPILED)
      rankloop_use_precompiled(${target} ${ARG_PRECOMPILED})
    endif()
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src)
  foreach(module IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} ${scope} rankloop_${module})
  endforeach()
  foreach(library IN LISTS ARG_LIBRARIES)
    target_link_libraries(${target} ${scope} lib_${library})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY RANKLOOP_MODULES ${name})
endfunction()
