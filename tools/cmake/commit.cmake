# cmake -DSOURCE=folder -DOUT=file -P commit.cmake: a tree's commit, as a C++ string.
# Written only when it changed, so that nothing is compiled for nothing.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "a tree without git")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#pragma once\n#define CARELINE_COMMIT \"@commit@\"\n" @ONLY)
