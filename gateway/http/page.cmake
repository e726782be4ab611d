# The board page, built by npm and put inside the program. Included by the top CMakeLists.txt.
set(CARELINE_PAGE AUTO CACHE STRING "Build the board page: ON, OFF, or AUTO (when npm is there)")
set_property(CACHE CARELINE_PAGE PROPERTY STRINGS AUTO ON OFF)

set(page_folder ${CMAKE_SOURCE_DIR}/gateway/http/page)
set(page_source ${CMAKE_BINARY_DIR}/page_files.cpp)
find_program(NPM npm)
find_program(NODE NAMES node nodejs)

if(CARELINE_PAGE STREQUAL "OFF" OR (CARELINE_PAGE STREQUAL "AUTO" AND NOT (NPM AND NODE)))
  message(WARNING "The board page is NOT in this build: npm was not found, or CARELINE_PAGE is "
    "OFF. The engine's HTTP answers all the same. To have the page, install nodejs and npm "
    "(tools/run does) and configure again.")
  set(page_source ${page_folder}/no_page.cpp)
else()
  if(NOT NPM OR NOT NODE)
    message(FATAL_ERROR "CARELINE_PAGE is ON, but node or npm was not found. "
      "Install nodejs (18.20 or later) and npm, or configure with -DCARELINE_PAGE=OFF.")
  endif()
  file(GLOB_RECURSE page_inputs CONFIGURE_DEPENDS ${page_folder}/src/* ${page_folder}/public/*)
  list(APPEND page_inputs ${page_folder}/index.html ${page_folder}/package.json
    ${page_folder}/package-lock.json ${page_folder}/.npmrc ${page_folder}/vite.config.ts
    ${page_folder}/tsconfig.json ${page_folder}/embed.mjs ${page_folder}/build.sh
    ${CMAKE_SOURCE_DIR}/gateway/npm_packages.sh)
  add_custom_command(OUTPUT ${page_source}
    COMMAND ${page_folder}/build.sh ${page_source}
    DEPENDS ${page_inputs}
    COMMENT "Board page" VERBATIM)
endif()
target_sources(careline_http PRIVATE ${page_source})
if(CARELINE_TESTS)
  include(${CMAKE_SOURCE_DIR}/tests/browser/browser.cmake)
endif()
