#include "tests/simulation/report.hpp"

#include "commit.hpp"
#include "tests/simulation/world.hpp"

namespace careline::simulation {

told tell_of(std::uint64_t seed) {
  run_options with;
  with.seed = seed;
  with.traced = true;
  const auto done = run(with);
  told out;
  for (const auto& line : done.story)
    out.text += line + "\n";
  out.is_broken = !done.broken_promise.empty();
  out.text += "\nseed " + std::to_string(seed) + " at " CARELINE_COMMIT ": "
              + (out.is_broken ? done.broken_promise + "\nto see it again: simulation --seed "
                                     + std::to_string(seed)
                               : "each promise kept");
  return out;
}

} // namespace careline::simulation
