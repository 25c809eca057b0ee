# Warnings are errors in our own code; generated code and libraries are left alone.
set(KASA_WARNINGS
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wimplicit-fallthrough -Wextra-semi
  # A designated initializer that leaves a member to its default is how we write options.
  -Wno-missing-field-initializers)
