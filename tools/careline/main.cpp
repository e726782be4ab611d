#include "tools/careline/subcommands.hpp"

int main(int argc, char** argv) {
  return careline::program::run(argc, argv);
}
