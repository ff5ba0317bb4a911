# compile_fails(name source message): `source` compiles as it stands, as part of the build; the test `name` compiles it
# again with -DFAIL and expects the compiler to refuse it with an error that matches `message`. The valid half makes
# sure that the other one fails for the reason it states.
function(compile_fails name source message)
  add_library(${name}_valid OBJECT ${source})
  target_link_libraries(${name}_valid PRIVATE loadstone_options)
  add_test(NAME ${name} COMMAND ${LOADSTONE_PYTHON} ${CMAKE_SOURCE_DIR}/tools/compile_fails.py
                                ${CMAKE_BINARY_DIR}/compile_commands.json ${CMAKE_CURRENT_SOURCE_DIR}/${source} ${message})
endfunction()
