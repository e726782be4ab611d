#pragma once

#include <optional>
#include <string>

#include "tests/crash/disk.hpp"
#include "tests/crash/history.hpp"

namespace careline::crash {

/// Makes the folder and writes an image into it.
void write_image(const image& what, const std::string& folder);

/// Opens what a crash left in `folder` as an engine does and says what of the promises is broken,
/// if any is: all that was acknowledged before `crash` is there and unchanged; of the group that
/// was being written all is there or nothing; what was sealed opens, what was erased does not; the
/// snapshots are whole; and work goes on.
std::optional<std::string> broken_promise(const std::string& folder, const history& told,
                                          moment crash);

} // namespace careline::crash
