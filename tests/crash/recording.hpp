#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a program did to a folder, in the order in which it was done. shim/ writes it down, and
/// `disk` does it again.
namespace careline::crash {

enum class act : std::uint32_t {
  watch = 1, open, close, write, truncate, allocate, sync, rename, unlink, make_folder, note
};

/// Followed by `text_bytes` of text (a path; of a renaming two with a zero byte between) and
/// `data_bytes` of what was written or noted.
struct entry_head {
  act what = act::note;
  std::int32_t file = -1;       ///< the descriptor
  std::uint64_t at = 0;         ///< offset; truncate, allocate: the file's end
  std::uint64_t data_bytes = 0;
  std::uint32_t flags = 0;      ///< of open
  std::uint32_t text_bytes = 0;
};

struct entry {
  entry_head head;
  std::string text;
  std::string data;
};
using recording = std::vector<entry>;

/// Begins with the watched folder's name. Requires: written by the shim to its end.
recording read_recording(const std::string& file);

// Between the shim and who loads it: the folder that is watched, where it is written down, and the
// function that adds a note, `void(const char* bytes, std::size_t size)`.
inline constexpr auto folder_variable = "CRASH_SHIM_FOLDER";
inline constexpr auto recording_variable = "CRASH_SHIM_RECORDING";
inline constexpr auto note_function = "crash_note";

} // namespace careline::crash
