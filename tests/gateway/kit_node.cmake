# The kit for Node against the real program. Where the page is built there is npm, and this brings
# the kit's packages as the page's build brings the page's: once, as the lock file says.
if(NODE AND NOT page_source MATCHES "no_page")
  set(kit_folder ${CMAKE_SOURCE_DIR}/gateway/kit/node)
  set(kit_stamp ${CMAKE_BINARY_DIR}/kit_node.stamp)
  add_custom_command(OUTPUT ${kit_stamp}
    COMMAND ${kit_folder}/install.sh ${kit_stamp}
    DEPENDS ${kit_folder}/package.json ${kit_folder}/package-lock.json ${kit_folder}/.npmrc
      ${kit_folder}/install.sh ${CMAKE_SOURCE_DIR}/gateway/npm_packages.sh
    COMMENT "Kit for Node" VERBATIM)
  add_custom_target(careline_kit_node ALL DEPENDS ${kit_stamp})
  foreach(name kit_node kit_node_keys kit_node_unreadable)
    add_test(NAME ${name} COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/gateway/${name}_test.mjs)
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS page SKIP_RETURN_CODE 77
      ENVIRONMENT "CARELINE_BIN=$<TARGET_FILE:careline>")
  endforeach()
endif()
