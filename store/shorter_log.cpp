#include "store/shorter_log.hpp"

#include <filesystem>
#include <string_view>

#include "messages/number_bytes.hpp"
#include "store/hash.hpp"
#include "store/keys/signing.hpp"
#include "store/whole_file.hpp"

namespace careline::store {

namespace fs = std::filesystem;

namespace {

/// The last line that is one: those before it may be of a log in whose place an older copy was put.
std::optional<std::string> signed_above(const std::string& data_folder, position head) {
  const auto file = data_folder + "/heads.jsonl";
  if (std::error_code wrong; !fs::exists(file, wrong))
    return std::nullopt;
  const auto lines = read_heads(file);
  const auto key = load_signing_key(data_folder + "/keys/signing.key", false);
  if (!lines || !key)
    return std::nullopt;
  for (auto line = lines->rbegin(); line != lines->rend(); ++line) {
    if (!line->head)
      continue;
    const auto& last = *line->head;
    if (last.at <= head || !key->shown().has_signed(last))
      return std::nullopt;
    return file + " has a head that was signed at position " + std::to_string(last.at) + " on "
           + to_rfc3339(last.time);
  }
  return std::nullopt;
}

/// Where a snapshot says it is of, when it is whole (docs/log-format.md, "Snapshot, format 1").
std::optional<position> place_in_snapshot(const std::string& path) {
  constexpr std::string_view marker = "CLSNAP01";
  const auto file = bytes_in(path);
  if (!file || file->size() < marker.size() + sizeof(position) + sizeof(chain_hash)
      || !file->starts_with(marker))
    return std::nullopt;
  const std::string_view bytes{*file};
  const auto all_before = bytes.substr(0, bytes.size() - sizeof(chain_hash));
  if (bytes_of(blake256(all_before)) != bytes.substr(all_before.size()))
    return std::nullopt;
  return number_at<position>(bytes, marker.size());
}

/// Their names say where they are of, so that as a rule none is read.
std::optional<std::string> snapshot_above(const std::string& data_folder, position head) {
  constexpr std::size_t digits = 20;
  auto number = std::to_string(head);
  number.insert(0, digits - number.size(), '0');
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator{data_folder + "/snapshots", wrong}) {
    const auto name = entry.path().stem().string();
    if (entry.path().extension() != ".snap" || name.size() < digits
        || name.substr(name.size() - digits) <= number)
      continue;
    if (const auto at = place_in_snapshot(entry.path().string()); at && *at > head)
      return entry.path().string() + " is a snapshot of position " + std::to_string(*at);
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> trace_above(const std::string& data_folder, position head) {
  if (head == 0)
    return std::nullopt;
  if (auto by_head = signed_above(data_folder, head))
    return by_head;
  return snapshot_above(data_folder, head);
}

} // namespace careline::store
