# What `cmake --install` puts where Debian looks for it. The manual, the completions and the settings are asked of the
# program, so that they say what it says.
#
# RANKLOOP_PORTABLE makes the tree of the archive instead, which runs unpacked anywhere: the program finds its libraries
# beside it, and all that are not glibc's are installed with it.
include(GNUInstallDirs)
option(RANKLOOP_PORTABLE "Install a tree that runs anywhere, with its libraries" OFF)

function(rankloop_made_by_program file)
  add_custom_command(OUTPUT ${file} COMMAND rankloop ${ARGN} > ${file} DEPENDS rankloop VERBATIM)
endfunction()

set(made ${CMAKE_BINARY_DIR}/installed)
file(MAKE_DIRECTORY ${made})
rankloop_made_by_program(${made}/rankloop.1 manual)
rankloop_made_by_program(${made}/rankloop completion bash)
rankloop_made_by_program(${made}/_rankloop completion zsh)
rankloop_made_by_program(${made}/rankloop.toml config)
add_custom_target(manual ALL DEPENDS ${made}/rankloop.1 ${made}/rankloop ${made}/_rankloop ${made}/rankloop.toml)

install(FILES ${made}/rankloop DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${made}/_rankloop DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)

if(RANKLOOP_PORTABLE)
  # DT_RPATH, not DT_RUNPATH: libraries that stand beside the program find theirs by it, too.
  target_link_options(rankloop PRIVATE -Wl,--disable-new-dtags)
  set_target_properties(rankloop PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/rankloop")
  install(FILES ${made}/rankloop.1 DESTINATION share/man/man1)
  install(TARGETS rankloop RUNTIME_DEPENDENCY_SET libraries RUNTIME DESTINATION bin)
  install(RUNTIME_DEPENDENCY_SET libraries DESTINATION lib/rankloop
    PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|mvec|dl|rt|pthread|resolv|util|anl)[.]so")
  install(DIRECTORY domain DESTINATION share/rankloop)
  install(FILES ${made}/rankloop.toml DESTINATION share/rankloop)
  install(FILES README.md CHANGELOG.md DESTINATION .)
else()
  install(TARGETS rankloop RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY domain DESTINATION ${CMAKE_INSTALL_DATADIR}/rankloop)
  # The service keeps its data where the system keeps state; every other setting has its default.
  add_custom_command(OUTPUT ${made}/service/rankloop.toml DEPENDS ${made}/rankloop.toml
    COMMAND ${CMAKE_COMMAND} -E make_directory ${made}/service
    COMMAND sed "s|^# data_dir = .*|data_dir = \"/var/lib/rankloop\"|" ${made}/rankloop.toml > ${made}/service/rankloop.toml
    VERBATIM)
  add_custom_target(service_settings ALL DEPENDS ${made}/service/rankloop.toml)
  install(FILES ${made}/service/rankloop.toml DESTINATION /etc/rankloop)
  install(FILES deploy/systemd/rankloop.service DESTINATION /lib/systemd/system)
endif()
include(packages)
