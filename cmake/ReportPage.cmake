# The report's page: npm turns web/src into one file, web/dist/report.html, and template.cpp embeds its bytes. A source
# archive that carries web/dist/report.html needs no npm.
set(web ${CMAKE_SOURCE_DIR}/web)
set(page ${web}/dist/report.html)

find_program(NPM npm)
if(NPM)
  file(GLOB page_sources CONFIGURE_DEPENDS ${web}/src/*)
  set(install "test node_modules/.package-lock.json -nt package-lock.json || ${NPM} ci --loglevel=error")
  add_custom_command(
    OUTPUT ${page}
    COMMAND sh -c "${install}"
    COMMAND ${NPM} run --silent build
    DEPENDS ${page_sources} ${web}/build.mjs ${web}/package.json ${web}/package-lock.json
    WORKING_DIRECTORY ${web}
    COMMENT "Building the report's page" VERBATIM)
  add_custom_target(report_page DEPENDS ${page})
  add_dependencies(loadstone_report report_page)
elseif(NOT EXISTS ${page})
  message(FATAL_ERROR "npm was not found, and ${page} is not there. Run `make deps`, or install Node.js 18 or later with "
                      "npm, so that the report's page can be built.")
endif()

set_source_files_properties(${CMAKE_SOURCE_DIR}/src/loadstone/report/template.cpp PROPERTIES
  OBJECT_DEPENDS ${page} COMPILE_DEFINITIONS "LOADSTONE_REPORT_PAGE=\"${page}\"")
