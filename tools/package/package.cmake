# `cpack` in a build folder makes careline_<version>_<architecture>.deb: the program (its pages are
# inside), its service, its configuration, alert rules and what to read. tools/package/build does it
# from the release preset.
set(package_from ${CMAKE_SOURCE_DIR}/tools/package)

install(TARGETS careline RUNTIME DESTINATION usr/bin)
install(FILES ${package_from}/careline.service DESTINATION lib/systemd/system)
install(FILES ${package_from}/careline.toml DESTINATION etc/careline)
install(FILES ${package_from}/careline.rules.yml DESTINATION usr/share/careline)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/runbooks DESTINATION usr/share/doc/careline
  FILES_MATCHING PATTERN "*.md")
install(FILES ${CMAKE_SOURCE_DIR}/docs/metrics.md ${CMAKE_SOURCE_DIR}/docs/operations.md
  ${CMAKE_SOURCE_DIR}/docs/integrity.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md
  DESTINATION usr/share/doc/careline)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME careline)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Careline maintainers <careline@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "event-driven contact-centre engine")
set(CPACK_PACKAGE_DESCRIPTION
  "Gateways push phone, chat and kiosk contacts in over ZeroMQ; actors queue them and offer them to
 agents; every fact is an event in one durable log. Serves the live board, health and metrics over
 HTTP on this machine.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION comm)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package_from}/conffiles ${package_from}/postinst
  ${package_from}/prerm ${package_from}/postrm)
include(CPack)
