# SPDX-License-Identifier: Apache-2.0
# What is installed, and the Debian package: `cmake --build --preset release && cpack --config build/release/CPackConfig.cmake`.
# `cmake --install` installs the program, its manual page and documents. The service with its user and /etc/ballast
# belong to the package, and are in its component only.
include(GNUInstallDirs)

# The manual page is what the program says of itself.
set(man_page ${CMAKE_CURRENT_BINARY_DIR}/ballast.1.gz)
add_custom_command(OUTPUT ${man_page}
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/man-page $<TARGET_FILE:ballast> > ${CMAKE_CURRENT_BINARY_DIR}/ballast.1
    COMMAND gzip --best --no-name --force ${CMAKE_CURRENT_BINARY_DIR}/ballast.1
    DEPENDS ballast ${PROJECT_SOURCE_DIR}/scripts/man-page VERBATIM)
add_custom_target(man_page ALL DEPENDS ${man_page})

set(documents ${CMAKE_INSTALL_DATAROOTDIR}/doc/ballast)
install(FILES ${man_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES README.md CHANGELOG.md DESTINATION ${documents})
install(FILES LICENSE DESTINATION ${documents} RENAME copyright)
install(DIRECTORY docs/ DESTINATION ${documents} FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.png")
install(FILES deploy/completion/ballast.bash DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions
        RENAME ballast)
foreach(kind IN ITEMS prometheus grafana)
    if(EXISTS ${PROJECT_SOURCE_DIR}/deploy/${kind})
        install(DIRECTORY deploy/${kind} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/ballast)
    endif()
endforeach()
install(FILES deploy/systemd/ballast.service DESTINATION /lib/systemd/system COMPONENT package EXCLUDE_FROM_ALL)
install(FILES configs/ballast.toml DESTINATION /etc/ballast COMPONENT package EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # files of the package go to /etc and /lib
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL Unspecified package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_NAME ballast)
set(CPACK_PACKAGE_VENDOR Ballast)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "Ballast maintainers <ballast@localhost>")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Spreads load off hot hypervisors, or consolidates guests so that hosts can
 sleep, by live migration over shared storage. Every decision has a reason, can
 be replayed on recorded load first, and is journalled before it is carried out.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd, procps")  # useradd; the unit's kill
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "openssh-client, ipmitool")  # qemu+ssh connections; power by ssh and IPMI
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, libvirt-clients, bash-completion")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
