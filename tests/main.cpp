// Catch's own main, compiled once for all test programs (it alone takes seconds).
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
