# One sanitizer a build tree: chosen by the presets `asan` (address and undefined) and `tsan` (thread).
if(KASA_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(KASA_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer
    # Abseil's flags read with a fence, of which the sanitizer can't know; flags are read before there are threads.
    -Wno-tsan
    # So that our code and Debian's libprotobuf agree on what a map field is.
    "SHELL:-include \"${CMAKE_SOURCE_DIR}/tests/tsan/prelude.h\"")
  add_link_options(-fsanitize=thread)
  # Goes into every program of ours; its functions must be found by the shared libraries.
  add_library(kasa_tsan_order OBJECT "${CMAKE_SOURCE_DIR}/tests/tsan/grpc_order.cc")
  target_compile_options(kasa_tsan_order PRIVATE -fno-sanitize=thread)
  target_link_libraries(kasa_tsan_order INTERFACE ${CMAKE_DL_LIBS})
  target_link_options(kasa_tsan_order INTERFACE -rdynamic)
elseif(NOT KASA_SANITIZER STREQUAL "")
  message(FATAL_ERROR "KASA_SANITIZER must be empty, 'address' or 'thread', not '${KASA_SANITIZER}'")
endif()
