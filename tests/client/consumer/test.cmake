# Installs the client library of a build into an empty place, builds the consumer against it there, runs it, and
# compares what it says.
#
#   cmake -DBUILD=.. -DSOURCE=.. -DWORK=.. -DGENERATOR=.. [-DFLAGS=..] [-DBUILD_TYPE=..] -P test.cmake
set(expected "google.rpc.ErrorInfo of kasa.v1.FiscalizeSaleRequest: code 14, stored nothing: false\n")

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output
                  WORKING_DIRECTORY "${WORK}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
run("Installing" "${CMAKE_COMMAND}" --install "${BUILD}" --component client --prefix "${WORK}/prefix")
# What names the tree it was built in works on this machine only.
file(GLOB_RECURSE packaged "${WORK}/prefix/*.cmake" "${WORK}/prefix/*.h")
if(NOT packaged)
  message(FATAL_ERROR "nothing was installed")
endif()
foreach(file IN LISTS packaged)
  file(READ "${file}" text)
  string(FIND "${text}" "${BUILD}" in_build)
  string(FIND "${text}" "${SOURCE}" in_source)
  if(NOT in_build EQUAL -1 OR NOT in_source EQUAL -1)
    message(FATAL_ERROR "${file} names the tree it was built in")
  endif()
endforeach()
run("Configuring" "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK}/build"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_FLAGS=${FLAGS}")
run("Building" "${CMAKE_COMMAND}" --build "${WORK}/build")
run("Running" "${WORK}/build/consumer")
if(NOT output STREQUAL expected)
  message(FATAL_ERROR "the consumer said\n${output}instead of\n${expected}")
endif()
