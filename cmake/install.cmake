# What `cmake --install` puts where Debian looks for it. The manual and the completions are asked of the program, so
# that they say what it says.
include(GNUInstallDirs)

function(rankloop_made_by_program file)
  add_custom_command(OUTPUT ${file} COMMAND rankloop ${ARGN} > ${file} DEPENDS rankloop VERBATIM)
endfunction()

set(made ${CMAKE_BINARY_DIR}/installed)
file(MAKE_DIRECTORY ${made})
rankloop_made_by_program(${made}/rankloop.1 manual)
rankloop_made_by_program(${made}/rankloop completion bash)
rankloop_made_by_program(${made}/_rankloop completion zsh)
add_custom_target(manual ALL DEPENDS ${made}/rankloop.1 ${made}/rankloop ${made}/_rankloop)

install(TARGETS rankloop RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${made}/rankloop.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/rankloop DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${made}/_rankloop DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
