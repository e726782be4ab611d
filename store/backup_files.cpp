#include "store/backup_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "messages/number_bytes.hpp"
#include "store/hash.hpp"
#include "store/row.hpp"
#include "store/whole_file.hpp"

namespace careline::store {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view state_marker = "CLBACK01";
constexpr std::string_view part_marker = "CLROWS01";
constexpr std::size_t marker_kind_bytes = 6;  // without the version
constexpr std::string_view part_begin = "events-";
constexpr std::string_view part_ending = ".rows";
constexpr std::string_view unfinished_ending = ".tmp";
constexpr std::size_t digits = 20;
constexpr std::size_t end_bytes = 4 + 8 + sizeof(chain_hash);
constexpr std::size_t head_bytes = part_marker.size() + 8 + sizeof(chain_hash);
constexpr std::size_t row_bytes_max = 64U << 20U;

/// Takes numbers and texts off the front; after the first that is not there all are empty.
class taker {
public:
  explicit taker(std::string_view from) : left_(from) {}
  template <class N>
  N number() {
    const auto bytes = text(sizeof(N));
    return good_ ? number_at<N>(bytes) : N{};
  }
  chain_hash hash() {
    chain_hash h{};
    const auto bytes = text(sizeof h);
    if (good_)
      std::memcpy(h.data(), bytes.data(), sizeof h);
    return h;
  }
  std::string_view text(std::size_t size) {
    good_ = good_ && left_.size() >= size;
    if (!good_)
      return {};
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  std::string_view rest() const noexcept { return left_; }
  bool good() const noexcept { return good_; }

private:
  std::string_view left_;
  bool good_ = true;
};

log_error damaged(const std::string& path, const std::string& what, position at = 0) {
  return {log_fault::damaged, "the backup's file " + path + " " + what, at};
}

log_error unreadable(const std::string& path) {
  return {log_fault::io, "cannot read " + path + ": " + std::strerror(errno)};
}

log_error not_ours(const std::string& path, std::string_view bytes, std::string_view marker) {
  const auto kind = marker.substr(0, marker_kind_bytes);
  if (bytes.starts_with(kind))
    return {log_fault::newer_format,
            path + " was written by a newer version of the program; use that one"};
  return damaged(path, "is none");
}

std::string state_path(const std::string& folder) {
  return folder + "/state";
}

result<backup_state, log_error> parse_state(const std::string& path, std::string_view bytes) {
  if (!bytes.starts_with(state_marker))
    return no(not_ours(path, bytes, state_marker));
  if (bytes.size() < state_marker.size() + sizeof(chain_hash))
    return no(damaged(path, "is cut short"));
  const auto whole = bytes.substr(0, bytes.size() - sizeof(chain_hash));
  if (bytes_of(blake256(whole)) != bytes.substr(whole.size()))
    return no(damaged(path, "is not what was written: its checksum is wrong"));
  taker in{whole.substr(state_marker.size())};
  backup_state s;
  s.log.head = in.number<std::uint64_t>();
  s.log.hash = in.hash();
  s.log.epoch = in.number<std::uint64_t>();
  s.taken = from_ms(in.number<std::int64_t>());
  s.log.last = from_ms(in.number<std::int64_t>());
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.good(); --left) {
    const std::string name{in.text(in.number<std::uint16_t>())};
    s.log.checkpoints.push_back({name, in.number<std::uint64_t>()});
  }
  if (!in.good())
    return no(damaged(path, "is cut short"));
  s.log.commands = in.rest();
  return s;
}

/// The position in a part's name.
std::optional<position> first_in(const std::string& name) {
  if (name.size() != part_begin.size() + digits + part_ending.size()
      || !name.starts_with(part_begin) || !name.ends_with(part_ending))
    return std::nullopt;
  const auto number = name.substr(part_begin.size(), digits);
  if (number.find_first_not_of("0123456789") != number.npos)
    return std::nullopt;
  return std::strtoull(number.c_str(), nullptr, 10);
}

std::vector<position> parts_in(const std::string& folder) {
  std::vector<position> firsts;
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator{folder, wrong})
    if (const auto first = first_in(entry.path().filename().string()))
      firsts.push_back(*first);
  std::sort(firsts.begin(), firsts.end());
  return firsts;
}

/// What its first and last bytes say.
result<backup_part, log_error> look_at_part(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string head(head_bytes, '\0');
  std::string end(end_bytes, '\0');
  errno = 0;
  if (!file.read(head.data(), head_bytes))
    return no(file.eof() ? damaged(path, "is cut short") : unreadable(path));
  if (!head.starts_with(part_marker))
    return no(not_ours(path, head, part_marker));
  if (!file.seekg(-static_cast<std::streamoff>(end_bytes), std::ios::end)
      || !file.read(end.data(), end_bytes))
    return no(damaged(path, "is cut short"));
  backup_part part;
  part.path = path;
  part.bytes = static_cast<std::uint64_t>(file.tellg());
  taker in{std::string_view{head}.substr(part_marker.size())};
  part.after = in.number<std::uint64_t>();
  part.hash_after = in.hash();
  taker last{end};
  const auto mark = last.number<std::uint32_t>();
  part.head = last.number<std::uint64_t>();
  part.hash = last.hash();
  if (mark != 0 || part.bytes < head_bytes + end_bytes)
    return no(damaged(path, "is cut short"));
  return part;
}

} // namespace

result<std::optional<backup_state>, log_error> read_backup_state(const std::string& folder) {
  const auto path = state_path(folder);
  std::error_code wrong;
  if (!fs::exists(path, wrong))
    return std::optional<backup_state>{};
  const auto bytes = bytes_in(path);
  if (!bytes)
    return no(unreadable(path));
  auto read = parse_state(path, *bytes);
  if (!read)
    return no(read.error());
  return std::optional{std::move(*read)};
}

result<void, log_error> write_backup_state(const std::string& folder, const backup_state& state) {
  std::string bytes{state_marker};
  put_number(bytes, state.log.head);
  bytes += bytes_of(state.log.hash);
  put_number(bytes, state.log.epoch);
  put_number(bytes, to_ms(state.taken));
  put_number(bytes, to_ms(state.log.last));
  put_number(bytes, static_cast<std::uint32_t>(state.log.checkpoints.size()));
  for (const auto& c : state.log.checkpoints) {
    put_number(bytes, static_cast<std::uint16_t>(c.listener.size()));
    bytes += c.listener;
    put_number(bytes, c.at);
  }
  bytes += state.log.commands;
  bytes += bytes_of(blake256(bytes));
  whole_file file{state_path(folder)};
  file.write(bytes);
  if (auto done = file.finish(); !done)
    return no(log_error{log_fault::io, done.error()});
  return {};
}

std::string backup_part_path(const std::string& folder, position after) {
  auto number = std::to_string(after + 1);
  number.insert(0, digits - number.size(), '0');
  return folder + "/" + std::string{part_begin} + number + std::string{part_ending};
}

std::string backup_part_head(position after, const chain_hash& hash) {
  std::string bytes{part_marker};
  put_number(bytes, after);
  bytes += bytes_of(hash);
  return bytes;
}

std::string backup_row_head(std::string_view row) {
  std::string bytes;
  put_number(bytes, static_cast<std::uint32_t>(row.size()));
  return bytes;
}

std::string backup_part_end(position head, const chain_hash& hash) {
  std::string bytes;
  put_number(bytes, std::uint32_t{0});
  put_number(bytes, head);
  bytes += bytes_of(hash);
  return bytes;
}

result<std::vector<backup_part>, log_error> find_backup_parts(const std::string& folder,
                                                              const log_state& state) {
  std::vector<backup_part> parts;
  position at = 0;
  chain_hash hash{};
  while (at < state.head) {
    const auto path = backup_part_path(folder, at);
    std::error_code wrong;
    // What the one before says of its end may be what is wrong: both are named.
    const auto before = parts.empty() ? std::string{"the beginning"}
                                      : fs::path{parts.back().path}.filename().string();
    if (!fs::exists(path, wrong))
      return no(damaged(path, "is missing after " + before, at + 1));
    auto part = look_at_part(path);
    if (!part)
      return no(part.error());
    if (part->after != at || part->hash_after != hash || part->head <= at)
      return no(damaged(path, "does not follow " + before, at + 1));
    at = part->head;
    hash = part->hash;
    parts.push_back(std::move(*part));
  }
  if (at != state.head || hash != state.hash)
    return no(damaged(state_path(folder), "is of another log than its events", at));
  return parts;
}

result<void, log_error>
walk_backup_part(const backup_part& part,
                 const std::function<result<void, log_error>(std::string_view row)>& each) {
  std::ifstream file{part.path, std::ios::binary};
  file.seekg(head_bytes);
  std::string row;
  while (true) {
    char length[sizeof(std::uint32_t)];
    if (!file.read(length, sizeof length))
      return no(damaged(part.path, "is cut short"));
    const auto bytes = taker{{length, sizeof length}}.number<std::uint32_t>();
    if (bytes == 0)
      return {};
    if (bytes > row_bytes_max)
      return no(damaged(part.path, "is not what was written"));
    row.resize(bytes);
    if (!file.read(row.data(), static_cast<std::streamsize>(bytes)))
      return no(damaged(part.path, "is cut short"));
    if (auto went = each(row); !went)
      return went;
  }
}

bool is_of_backup(const std::string& name) {
  return name == "state" || name == "keys" || name == "lock" || name == "lost+found"
         || name.ends_with(unfinished_ending) || first_in(name).has_value();
}

void remove_leftovers(const std::string& folder, position head) {
  std::error_code ignored;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator{folder, ignored})
    if (const auto name = entry.path().filename().string();
        name == "state.tmp" || (name.starts_with(part_begin) && name.ends_with(unfinished_ending)))
      left.push_back(entry.path());
  for (const auto& path : left)
    fs::remove(path, ignored);
  for (const auto first : parts_in(folder))
    if (first > head)
      fs::remove(backup_part_path(folder, first - 1), ignored);
}

} // namespace careline::store
