# Finds what the engine links to. libtorch and Arrow C++ are inside the wheels of one Python: the interpreter that
# LOADSTONE_PYTHON names, otherwise the project's .venv (made by `make deps`).

if(DEFINED ENV{LOADSTONE_PYTHON} AND NOT DEFINED LOADSTONE_PYTHON)
  set(LOADSTONE_PYTHON $ENV{LOADSTONE_PYTHON})
endif()
set(LOADSTONE_PYTHON "${CMAKE_SOURCE_DIR}/.venv/bin/python" CACHE FILEPATH "Python whose torch and pyarrow are used")
if(NOT EXISTS ${LOADSTONE_PYTHON})
  message(FATAL_ERROR "No Python at ${LOADSTONE_PYTHON}. Run `make deps`, or set LOADSTONE_PYTHON to an interpreter "
                      "that has torch >= 2.11 and pyarrow.")
endif()

function(ask_python result code)
  execute_process(COMMAND ${LOADSTONE_PYTHON} -c "${code}" OUTPUT_VARIABLE out OUTPUT_STRIP_TRAILING_WHITESPACE
                  ERROR_VARIABLE err RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${LOADSTONE_PYTHON} failed:\n${err}\nRun `make deps`, or name another interpreter in "
                        "LOADSTONE_PYTHON.")
  endif()
  set(${result} "${out}" PARENT_SCOPE)
endfunction()

ask_python(torch_dir "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])")
ask_python(torch_version "import importlib.metadata as m; print(m.version('torch'))")
ask_python(arrow_dir "import importlib.util as u; print(u.find_spec('pyarrow').submodule_search_locations[0])")
ask_python(arrow_version "import importlib.metadata as m; print(m.version('pyarrow'))")
if(torch_version VERSION_LESS 2.11)
  message(FATAL_ERROR "torch ${torch_version} in ${torch_dir} is too old: 2.11 or later is needed.")
endif()

# torch: only what we use of it. The wheel's own CMake package would add its compile flags and look for CUDA.
add_library(torch_headers INTERFACE)
target_include_directories(torch_headers SYSTEM INTERFACE ${torch_dir}/include)
add_library(torch_cpu SHARED IMPORTED)
set_target_properties(torch_cpu PROPERTIES IMPORTED_LOCATION ${torch_dir}/lib/libtorch_cpu.so)
add_library(c10 SHARED IMPORTED)
set_target_properties(c10 PROPERTIES IMPORTED_LOCATION ${torch_dir}/lib/libc10.so)
add_library(torch INTERFACE)
target_link_libraries(torch INTERFACE torch_headers torch_cpu c10)

# The preset `cuda`: ATen finds its CUDA kernels only if their library is loaded, though nothing refers to it by name.
option(LOADSTONE_CUDA "Link the CUDA half of torch" OFF)
if(LOADSTONE_CUDA)
  if(NOT EXISTS ${torch_dir}/lib/libtorch_cuda.so)
    message(FATAL_ERROR "torch ${torch_version} in ${torch_dir} is a CPU build. The preset `cuda` needs a CUDA build: "
                        "name its interpreter in LOADSTONE_PYTHON.")
  endif()
  target_link_options(torch INTERFACE -Wl,--no-as-needed ${torch_dir}/lib/libtorch_cuda.so -Wl,--as-needed)
endif()

# fmt comes with torch and is used header-only, so that no second version can meet it.
add_library(fmt INTERFACE)
target_include_directories(fmt SYSTEM INTERFACE ${torch_dir}/include)
target_compile_definitions(fmt INTERFACE FMT_HEADER_ONLY=1)

file(GLOB arrow_library ${arrow_dir}/libarrow.so.*)
file(GLOB parquet_library ${arrow_dir}/libparquet.so.*)
list(GET arrow_library 0 arrow_library)
list(GET parquet_library 0 parquet_library)
add_library(arrow SHARED IMPORTED)
set_target_properties(arrow PROPERTIES IMPORTED_LOCATION ${arrow_library})
target_include_directories(arrow SYSTEM INTERFACE ${arrow_dir}/include)
add_library(parquet SHARED IMPORTED)
set_target_properties(parquet PROPERTIES IMPORTED_LOCATION ${parquet_library})
target_link_libraries(parquet INTERFACE arrow)

find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)

message(STATUS "torch ${torch_version} in ${torch_dir}")
message(STATUS "Arrow ${arrow_version} in ${arrow_dir}")
