#pragma once

#include <string>

namespace careline::store {

/// Makes durable what a file holds, or which names a folder holds: a new file outlives a power cut
/// only once its folder was synced too. 0, or an errno.
int sync_path(const std::string& path) noexcept;

/// The folder that names a file.
std::string folder_of(const std::string& path);

} // namespace careline::store
