#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/crash/recording.hpp"

namespace careline::crash {

/// What a disk may do that it must not, to see whether anybody notices.
enum class lie { none, syncs_nothing, syncs_no_data, syncs_no_meta };

/// What may be on a disk after a crash. Paths are relative to the folder; "" is the folder itself.
struct image {
  std::vector<std::string> folders;  ///< each before what is in it
  std::vector<std::pair<std::string, std::string>> files;  ///< path, content
};

/// A disk, its cache and the kernel's, as far as POSIX promises anything:
/// - what was synced is there: a file's bytes after fsync or fdatasync of the file, the bytes of
///   one write through a descriptor opened with O_DSYNC, a folder's names after fsync of the
///   folder;
/// - of what was written since, each sector of 512 bytes is there as it was after any of the writes
///   to it, or before the first, whatever became of its neighbours; the file may be as long as it
///   was after any of them; what is missing in between reads as zeros;
/// - of the names changed since in a folder, any first ones are there; a renaming is whole.
class disk {
public:
  /// `root`: the folder that was watched. `before`: what was in it, and durable, when the recording
  /// began.
  explicit disk(std::string root, lie told = lie::none, const image& before = {});

  /// An operation takes effect for other programs; durable it is at the earliest when it ends.
  void begin(const entry& e);
  void end(const entry& e);

  /// One of the images that a crash now may leave. The same seed gives the same one.
  image crash(std::uint64_t seed) const;
  /// What a clean shutdown leaves.
  image all() const;

private:
  using number = std::uint64_t;  ///< of an operation: its order
  struct piece {
    number order = 0;
    std::size_t at = 0;  ///< in its sector
    std::string bytes;
  };
  struct length {
    number order = 0;
    std::uint64_t bytes = 0;
    bool cuts = false;  ///< what was behind its end is gone
  };
  struct name_change {
    number order = 0;
    std::string name;
    std::optional<std::size_t> node;  ///< nothing: the name goes
    std::optional<std::size_t> with;  ///< only when this folder has the renaming's other half
  };
  struct node {
    bool is_folder = false;
    // A file: what is durable, and what was done since.
    std::string durable;
    std::map<std::uint64_t, std::vector<piece>> pieces;  ///< by sector
    std::vector<length> lengths;
    std::uint64_t bytes = 0;
    // A folder, likewise.
    std::map<std::string, std::size_t> names;
    std::vector<name_change> changes;
    std::map<std::string, std::size_t> names_now;
  };
  struct descriptor {
    std::size_t node = 0;
    bool syncs_writes = false;
  };
  class chance;

  std::string relative(std::string_view path) const;
  std::optional<std::size_t> find(std::string_view path) const;
  std::pair<std::size_t, std::string> folder_of(std::string_view path) const;
  void open(const entry& e);
  void write(const entry& e);
  void set_length(node& file, std::uint64_t bytes, bool cuts);
  void change_name(std::string_view path, std::optional<std::size_t> which,
                   std::optional<std::size_t> with = {});
  void rename(const entry& e);
  static void make_durable(node& n);
  static void make_sectors_durable(node& file, std::uint64_t at, std::uint64_t bytes);
  std::string content(std::size_t which, const chance& c) const;
  std::map<std::string, std::size_t> names(std::size_t which, const chance& c) const;
  void collect(std::size_t folder, const std::string& path, const chance& c, image& into) const;

  std::string root_;
  lie lie_;
  number order_ = 0;
  std::vector<node> nodes_;  ///< the first is the root
  std::map<int, descriptor> open_;
};

} // namespace careline::crash
