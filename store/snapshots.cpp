#include "store/snapshots.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "messages/number_bytes.hpp"
#include "messages/planted.hpp"
#include "store/hash.hpp"
#include "store/whole_file.hpp"

// docs/log-format.md, "Snapshot, format 1".

namespace careline::store {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view marker = "CLSNAP01";
constexpr std::string_view marker_of_any_format = "CLSNAP";
constexpr std::string_view ending = ".snap";
constexpr std::string_view unfinished_ending = ".snap.tmp";
constexpr std::size_t digits = 20;
constexpr std::size_t head_bytes = marker.size() + 8 + sizeof(chain_hash) + 8;

std::string number_of(position at) {
  auto number = std::to_string(at);
  return number.insert(0, digits - number.size(), '0');
}

std::string name_of(std::string_view capability, position at) {
  return std::string{capability} + "-" + number_of(at) + std::string{ending};
}

/// The capability's files that end so, newest first. The position is in the name, so names sort by
/// it.
std::vector<fs::path> files_of(const std::string& folder, std::string_view capability,
                               std::string_view with_ending = ending) {
  std::vector<fs::path> found;
  std::error_code wrong;
  const auto length = name_of(capability, 0).size() - ending.size() + with_ending.size();
  for (const auto& entry : fs::directory_iterator{folder, wrong}) {
    const auto name = entry.path().filename().string();
    if (name.size() == length && name.starts_with(std::string{capability} + "-")
        && name.ends_with(with_ending))
      found.push_back(entry.path());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

std::string because_of(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

/// Closes on every way out.
class open_file {
public:
  open_file(const std::string& path, int flags)
      : file_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~open_file() {
    if (file_ >= 0)
      ::close(file_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  bool is_open() const noexcept { return file_ >= 0; }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR)
        return false;
      bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
  }
  bool sync() const { return ::fsync(file_) == 0; }

private:
  int file_;
};

result<void, std::string> write_durably(const std::string& path, std::string_view bytes) {
  const open_file file{path, O_WRONLY | O_CREAT | O_TRUNC};
  if (!file.is_open() || !file.write(bytes) || !file.sync())
    return no(because_of("cannot write " + path));
  return {};
}

/// The bytes of a snapshot, each as it was written, or why they are not.
result<std::string, std::string> whole(const fs::path& path) {
  auto bytes = bytes_in(path.string());
  if (!bytes)
    return no(because_of("it cannot be read"));
  if (bytes->size() < head_bytes + sizeof(chain_hash))
    return no(std::string{"it is cut short"});
  if (!bytes->starts_with(marker))
    return no(std::string{bytes->starts_with(marker_of_any_format) ? "it is of a newer format"
                                                                   : "it is no snapshot"});
  const auto summed = std::string_view{*bytes}.substr(0, bytes->size() - sizeof(chain_hash));
  if (bytes_of(blake256(summed)) != std::string_view{*bytes}.substr(summed.size()))
    return no(std::string{"its checksum is wrong"});
  if (number_at<std::uint64_t>(*bytes, head_bytes - 8) != summed.size() - head_bytes)
    return no(std::string{"its length is wrong"});
  return std::move(*bytes);
}

position place_in(std::string_view bytes) {
  return number_at<position>(bytes, marker.size());
}

/// The snapshot in a file, or why it is not used.
result<snapshot, std::string> check(const fs::path& path, const event_log& log) {
  auto bytes = whole(path);
  if (!bytes)
    return no(bytes.error());
  const auto at = place_in(*bytes);
  if (at > log.head() && !planted(bug::applies_newer_snapshot))
    return no("its position " + std::to_string(at) + " is above the log's head");
  const auto hash = log.hash_at(at);
  const auto its_own = std::string_view{*bytes}.substr(marker.size() + 8, sizeof(chain_hash));
  if ((!hash || bytes_of(*hash) != its_own) && !planted(bug::applies_newer_snapshot))
    return no("it was made from another log than this one (at position " + std::to_string(at)
              + ")");
  bytes->resize(bytes->size() - sizeof(chain_hash));
  bytes->erase(0, head_bytes);
  return snapshot{at, std::move(*bytes)};
}

std::chrono::sys_days day_of(const fs::path& file) {
  std::error_code wrong;
  const auto written = fs::last_write_time(file, wrong);
  if (wrong)
    return {};
  return std::chrono::floor<std::chrono::days>(std::chrono::file_clock::to_sys(written));
}

/// Requires: newest first.
void remove_others(const std::vector<fs::path>& files, const snapshot_keeping& keep) {
  if (files.empty())
    return;
  const auto oldest = day_of(files.front()) - std::chrono::days{keep.days};
  std::optional<std::chrono::sys_days> later;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto day = day_of(files[i]);
    const bool last_of_day = day != later && day > oldest;
    later = day;
    std::error_code ignored;
    if (i >= std::max<std::size_t>(keep.newest, 1) && !last_of_day)
      fs::remove(files[i], ignored);
  }
}

} // namespace

result<void, std::string> write_snapshot(const std::string& folder, std::string_view capability,
                                         position at, const chain_hash& hash, std::string_view body,
                                         const snapshot_keeping& keep) {
  std::error_code wrong;
  fs::create_directories(folder, wrong);
  std::string bytes{marker};
  bytes.reserve(head_bytes + body.size() + sizeof(chain_hash));
  put_number(bytes, at);
  bytes += bytes_of(hash);
  put_number(bytes, std::uint64_t{body.size()});
  bytes += body;
  bytes += bytes_of(blake256(bytes));

  const auto path = folder + "/" + name_of(capability, at);
  const auto unfinished = path + ".tmp";
  if (auto written = write_durably(unfinished, bytes); !written) {
    ::unlink(unfinished.c_str());
    return written;
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    auto why = because_of("cannot rename " + unfinished);
    ::unlink(unfinished.c_str());
    return no(std::move(why));
  }
  // The rename itself must outlive a power cut before older ones go.
  if (const open_file directory{folder, O_RDONLY | O_DIRECTORY};
      !directory.is_open() || !directory.sync())
    return no(because_of("cannot sync " + folder));
  remove_others(files_of(folder, capability), keep);
  // One writer: whoever left these unfinished was killed.
  for (const auto& left : files_of(folder, capability, unfinished_ending))
    fs::remove(left, wrong);
  return {};
}

loaded_snapshot load_newest_snapshot(const std::string& folder, std::string_view capability,
                                     const event_log& log) {
  loaded_snapshot loaded;
  for (const auto& path : files_of(folder, capability)) {
    auto found = check(path, log);
    if (found) {
      loaded.newest = std::move(*found);
      break;
    }
    loaded.left_aside.push_back("the snapshot " + path.filename().string()
                                + " is left aside: " + found.error());
  }
  return loaded;
}

std::optional<placed_snapshot> whole_snapshot_above(const std::string& folder, position head) {
  const auto number = number_of(head);
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator{folder, wrong}) {
    const auto name = entry.path().stem().string();
    if (entry.path().extension() != ending || name.size() < digits
        || name.substr(name.size() - digits) <= number)
      continue;
    if (const auto bytes = whole(entry.path()); bytes && place_in(*bytes) > head)
      return placed_snapshot{entry.path().string(), place_in(*bytes)};
  }
  return std::nullopt;
}

} // namespace careline::store
