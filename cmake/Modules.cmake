# Warnings are errors in our own code; no -march and no fast-math anywhere: NaN is the missing value, and kernels that
# need wider vectors choose them when they run. -Wrestrict is off: GCC 12 sees overlaps in std::string that are not there.
add_library(loadstone_options INTERFACE)
target_compile_options(loadstone_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wdouble-promotion -Wno-missing-field-initializers -Wno-restrict -Werror)
target_include_directories(loadstone_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(loadstone_options INTERFACE torch fmt nlohmann_json::nlohmann_json Boost::headers Threads::Threads)
if(LOADSTONE_SANITIZE)
  target_compile_options(loadstone_options INTERFACE -fsanitize=${LOADSTONE_SANITIZE} -fno-omit-frame-pointer -g
                         -fno-sanitize-recover=undefined)
  if(LOADSTONE_SANITIZE STREQUAL "thread")  # a fence of torch's headers is not seen: a false report at worst
    target_compile_options(loadstone_options INTERFACE -Wno-tsan)
  endif()
  target_link_options(loadstone_options INTERFACE -fsanitize=${LOADSTONE_SANITIZE})
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(loadstone_options INTERFACE -fuse-ld=mold)
endif()

if(LOADSTONE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# loadstone_module(name dependency...): src/loadstone/name/*.cpp as library loadstone_name, *_test.cpp as name_tests.
function(loadstone_module name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/loadstone/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/${name}_empty.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/${name}_empty.cpp)
  endif()
  set(dependencies ${ARGN})
  list(TRANSFORM dependencies PREPEND loadstone_)
  add_library(loadstone_${name} STATIC ${sources})
  target_link_libraries(loadstone_${name} PUBLIC loadstone_options ${dependencies})
  if(LOADSTONE_TESTS AND tests)
    add_executable(${name}_tests ${tests})
    target_link_libraries(${name}_tests PRIVATE loadstone_${name} GTest::gtest GTest::gmock GTest::gtest_main rapidcheck)
    add_test(NAME ${name} COMMAND ${name}_tests WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
