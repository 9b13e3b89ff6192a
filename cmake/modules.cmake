# rankloop_module(name PUBLIC modules... PRIVATE modules... PUBLIC_LIBRARIES libraries... LIBRARIES libraries...
#                 PRECOMPILED name): src/<name>/ becomes rankloop_<name>.
# PUBLIC: what headers show that other modules include; script/check-edges compares both with the includes.
find_package(Git QUIET)

add_library(rankloop_flags INTERFACE)
target_compile_options(rankloop_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wcast-align -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough -Werror=switch -Wno-missing-field-initializers
  # What src/sync/mutex.h says of locks, checked; an error also where other warnings are none.
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety;-Wthread-safety-beta;-Werror=thread-safety;-Werror=thread-safety-beta>
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
  cmake_parse_arguments(ARG "" "PRECOMPILED" "PUBLIC;PRIVATE;PUBLIC_LIBRARIES;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(target rankloop_${name})
  if(NOT sources)
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    return()
  endif()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE rankloop_flags)
  if(ARG_PRECOMPILED)
    rankloop_use_precompiled(${target} ${ARG_PRECOMPILED})
  endif()
  list(TRANSFORM ARG_PUBLIC PREPEND rankloop_)
  list(TRANSFORM ARG_PRIVATE PREPEND rankloop_)
  list(TRANSFORM ARG_PUBLIC_LIBRARIES PREPEND lib_)
  list(TRANSFORM ARG_LIBRARIES PREPEND lib_)
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} ${ARG_PUBLIC_LIBRARIES}
                        PRIVATE ${ARG_PRIVATE} ${ARG_LIBRARIES})
endfunction()
