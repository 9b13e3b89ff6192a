# What CPack makes of an installed tree: the Debian package, or with RANKLOOP_PORTABLE the archive. script/package calls it.
set(CPACK_PACKAGE_NAME rankloop)
set(CPACK_PACKAGE_VENDOR "rankloop")
set(CPACK_PACKAGE_CONTACT "rankloop maintainers <maintainers@rankloop.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "ranks a catalog for each request and learns from what is picked")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/build/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

if(RANKLOOP_PORTABLE)
  set(CPACK_GENERATOR TGZ)
  set(CPACK_PACKAGE_FILE_NAME rankloop-${PROJECT_VERSION}-linux-amd64)
else()
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION database)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser")
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql, rabbitmq-server")
  set(CPACK_PACKAGE_DESCRIPTION "rankloop ranks a catalog for each request, remembers what it showed and what was
picked, learns from that, and proves with statistics that a new model is
better before it may answer. It serves an HTTP API and a dashboard.
.
One process with an SQLite file is enough; with two addresses in its settings
it runs on PostgreSQL and RabbitMQ over many machines.")
  set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
  set(conffiles ${CMAKE_BINARY_DIR}/installed/conffiles)
  file(WRITE ${conffiles} "/etc/rankloop/rankloop.toml\n")
  set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${conffiles} ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
      ${CMAKE_SOURCE_DIR}/deploy/debian/prerm ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)

  # A native package's change log, in Debian's form and compressed as its policy asks; the whole story is CHANGELOG.md.
  execute_process(COMMAND git log -1 --format=%aD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                  OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT date)
    set(date "Thu, 01 Jan 1970 00:00:00 +0000")
  endif()
  file(WRITE ${CMAKE_BINARY_DIR}/installed/changelog
    "rankloop (${PROJECT_VERSION}) stable; urgency=medium\n\n  * See /usr/share/doc/rankloop/CHANGELOG.md.gz.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  set(docs ${CMAKE_BINARY_DIR}/installed/doc)
  file(MAKE_DIRECTORY ${docs})
  add_custom_command(OUTPUT ${docs}/changelog.gz ${docs}/CHANGELOG.md.gz ${docs}/rankloop.1.gz
    COMMAND gzip -9nc ${CMAKE_BINARY_DIR}/installed/changelog > ${docs}/changelog.gz
    COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md > ${docs}/CHANGELOG.md.gz
    COMMAND gzip -9nc ${made}/rankloop.1 > ${docs}/rankloop.1.gz
    DEPENDS ${made}/rankloop.1 ${CMAKE_SOURCE_DIR}/CHANGELOG.md VERBATIM)
  add_custom_target(package_docs ALL DEPENDS ${docs}/changelog.gz)
  install(FILES ${docs}/changelog.gz ${docs}/CHANGELOG.md.gz ${CMAKE_SOURCE_DIR}/deploy/debian/copyright
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/rankloop)
  install(FILES ${docs}/rankloop.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
include(CPack)
