#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/crash/disk.hpp"
#include "tests/crash/history.hpp"
#include "tests/scratch_folder.hpp"

namespace careline::crash {

/// A run of crash_recorder under the shim: what it did, what it said, what it left.
struct recorded {
  recording all;
  history told;
  std::string folder;  ///< the watched one, as it was called then
  std::string file;    ///< the recording
  image before;        ///< what was in the folder when it began
  moment began = 0;    ///< the moment of its first entry, in what was told
  std::shared_ptr<const scratch_folder> place;  ///< of both, as the recorder left them
};

/// Runs the recorder in a folder of its own; or, where CRASH_RECORDING names a recording that was
/// kept, reads that, and there is no place. Throws what went wrong.
recorded record(const std::string& scenario);

/// The recovery from the crash that `seed` stands for: its image is opened and closed again under
/// the shim. What the recorder was told before that crash is still so.
recorded record_recovery(const recorded& of, std::uint64_t seed);

/// An image that broke a promise.
struct finding {
  std::uint64_t seed = 0;
  moment crash = 0;
  std::string what;
};

struct run_outcome {
  std::size_t opened = 0;  ///< images that were looked at
  std::vector<finding> findings;
};

/// Makes one image for each seed and holds it to the promises, in child processes: a file that
/// makes its reader crash is a finding like any other. The seed says where in the recording the
/// crash is, and which image of those that it may leave.
run_outcome try_images(const recorded& of, const std::vector<std::uint64_t>& seeds,
                       lie told = lie::none);

/// `count` seeds, or the one that CRASH_IMAGE names.
std::vector<std::uint64_t> seeds_of(std::uint64_t first, std::size_t count);

/// How to make this very image again, in a sentence; keeps the recording for it.
std::string how_to_repeat(const recorded& of, const finding& f, const std::string& test);

} // namespace careline::crash
