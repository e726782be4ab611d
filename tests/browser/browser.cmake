# The page in a real browser, against the real HTTP server. Skipped (77) where there is no Chromium.
add_executable(board_fixture ${CMAKE_SOURCE_DIR}/tests/browser/board_fixture.cpp)
target_link_libraries(board_fixture PRIVATE careline_http)
if(NODE AND NOT page_source MATCHES "no_page")
  add_test(NAME page COMMAND ${CMAKE_COMMAND} -E env npm_config_update_notifier=false
    ${NPM} --prefix ${page_folder} --silent test)
  set_tests_properties(page PROPERTIES TIMEOUT 300 LABELS page)
  add_test(NAME browser COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/browser/board_test.mjs
    --fixture $<TARGET_FILE:board_fixture> --out ${CMAKE_BINARY_DIR}/screenshots)
  set_tests_properties(browser PROPERTIES TIMEOUT 600 LABELS browser SKIP_RETURN_CODE 77)
  # Against a double of the engine's side (tests/browser/desk_double.mjs); with a real engine:
  # desk_check.mjs.
  add_test(NAME desks COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/browser/desk_test.mjs
    --out ${CMAKE_BINARY_DIR}/screenshots)
  set_tests_properties(desks PROPERTIES TIMEOUT 900 LABELS browser SKIP_RETURN_CODE 77)
  add_test(NAME desks_own COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/browser/desk_own_test.mjs
    --out ${CMAKE_BINARY_DIR}/screenshots)
  set_tests_properties(desks_own PROPERTIES TIMEOUT 600 LABELS browser SKIP_RETURN_CODE 77)
  add_test(NAME desks_lost COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/browser/desk_lost_test.mjs
    --out ${CMAKE_BINARY_DIR}/screenshots)
  set_tests_properties(desks_lost PROPERTIES TIMEOUT 600 LABELS browser SKIP_RETURN_CODE 77)
  # Reads with the page's own node modules.
  file(GLOB asyncapi_scenarios CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/tests/program/scenarios/*.jsonl)
  add_test(NAME asyncapi COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/tests/messages/asyncapi_check.mjs
    $<TARGET_FILE:careline> ${page_folder} ${asyncapi_scenarios})
  set_tests_properties(asyncapi PROPERTIES TIMEOUT 120 LABELS page)
  get_filename_component(preset ${CMAKE_BINARY_DIR} NAME)
  add_test(NAME first_minutes COMMAND ${NODE}
    ${CMAKE_SOURCE_DIR}/tests/browser/first_minutes_test.mjs
    --build ${preset} --out ${CMAKE_BINARY_DIR}/screenshots)
  set_tests_properties(first_minutes PROPERTIES TIMEOUT 600 LABELS browser SKIP_RETURN_CODE 77)
endif()
