# rankloop_embed(module name paths...): the files (or every file below the folders) become part of the module's
# library. The generated header <name>.h declares
#   std::span<const EmbeddedFile> <name>();   // path relative to the source tree, bytes; sorted by path
# Files are taken in with .incbin, so even megabytes cost no compile time.
function(rankloop_embed module name)
  set(files)
  foreach(path IN LISTS ARGN)
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/${path})
      file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${path}/*)
      list(APPEND files ${found})
    else()
      list(APPEND files ${path})
    endif()
  endforeach()
  list(SORT files)
  rankloop_embed_from(${module} ${name} ${CMAKE_SOURCE_DIR} ${files})
endfunction()

# The same for files below `root`, named relative to it.
function(rankloop_embed_from module name root)
  set(dir ${CMAKE_BINARY_DIR}/embedded/${name})
  set(assembly "    .section .rodata\n")
  set(externs "")
  set(rows "")
  set(inputs)
  set(index 0)
  foreach(file IN LISTS ARGN)
    set(symbol ${name}_${index})
    string(APPEND assembly "    .global ${symbol}\n    .global ${symbol}_end\n    .balign 16\n${symbol}:\n"
      "    .incbin \"${root}/${file}\"\n${symbol}_end:\n    .byte 0\n")
    string(APPEND externs "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND rows "    {\"${file}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    list(APPEND inputs ${root}/${file})
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly "    .section .note.GNU-stack,\"\",@progbits\n")
  string(CONCAT header "#pragma once\n#include <span>\n#include <string_view>\nnamespace rankloop {\n"
    "#ifndef RANKLOOP_EMBEDDED_FILE\n#define RANKLOOP_EMBEDDED_FILE\n"
    "struct EmbeddedFile {\n  std::string_view path;\n  std::string_view bytes;\n};\n#endif\n"
    "std::span<const EmbeddedFile> ${name}();\n}\n")
  string(CONCAT source "#include \"${name}.h\"\n#include <array>\n#include <cstddef>\n${externs}"
    "namespace rankloop {\nstd::span<const EmbeddedFile> ${name}() {\n"
    "  static const std::array<EmbeddedFile, ${index}> files = {{\n${rows}  }};\n  return files;\n}\n}\n")
  file(CONFIGURE OUTPUT ${dir}/${name}.h CONTENT "${header}" @ONLY)
  file(CONFIGURE OUTPUT ${dir}/${name}.cpp CONTENT "${source}" @ONLY)
  file(CONFIGURE OUTPUT ${dir}/${name}_data.S CONTENT "${assembly}" @ONLY)
  set_source_files_properties(${dir}/${name}_data.S PROPERTIES OBJECT_DEPENDS "${inputs}")
  add_library(rankloop_${name} STATIC ${dir}/${name}.cpp ${dir}/${name}_data.S)
  target_include_directories(rankloop_${name} PUBLIC ${dir})
  get_target_property(type rankloop_${module} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_link_libraries(rankloop_${module} INTERFACE rankloop_${name})
  else()
    target_link_libraries(rankloop_${module} PRIVATE rankloop_${name})
  endif()
endfunction()

# What the server serves to a browser: build/web, made by script/build-web before CMake runs (the dashboard and the
# API viewers; large files are already compressed). Without it the folder is empty and the
# pages answer 404; script/setup always makes it.
function(rankloop_embed_assets module name)
  set(root ${CMAKE_SOURCE_DIR}/build/web)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${root} ${root}/*)
  list(SORT files)
  rankloop_embed_from(${module} ${name} ${root} ${files})
endfunction()
