#include "tools/careline/subcommands.hpp"

#ifdef CARELINE_JEMALLOC
/// jemalloc reads this before anything else runs. Without its thread, what a thread gave back stays
/// with the process until that thread works again: the one that writes snapshots holds as much as
/// all models together take, and then waits for the next. One arena: an actor runs now on one
/// thread and now on another, and what it frees would lie half empty in the arena of each.
extern "C" {
const char* malloc_conf = "background_thread:true,max_background_threads:1,narenas:1";
}
#endif

int main(int argc, char** argv) {
  return careline::program::run(argc, argv);
}
