#include "store/lost_log.hpp"

#include <algorithm>
#include <filesystem>

#include "store/keys/signing.hpp"
#include "store/signed_head.hpp"
#include "store/snapshots.hpp"

namespace careline::store {

namespace fs = std::filesystem;

namespace {

/// The last line that is one: those before it may be of a log in whose place an older copy was put.
std::optional<signed_head> last_head(const std::string& file) {
  if (std::error_code wrong; !fs::exists(file, wrong))
    return std::nullopt;
  const auto lines = read_heads(file);
  if (!lines)
    return std::nullopt;
  const auto last = std::find_if(lines->rbegin(), lines->rend(),
                                 [](const auto& line) { return line.head.has_value(); });
  if (last == lines->rend())
    return std::nullopt;
  return *last->head;
}

std::string said_of(const std::string& file, const signed_head& head) {
  return file + " has a head that was signed at position " + std::to_string(head.at) + " on "
         + to_rfc3339(head.time);
}

std::string snapshots_of(const std::string& data_folder) {
  return data_folder + "/snapshots";
}

} // namespace

std::optional<std::string> trace_of_log(const std::string& data_folder,
                                        const std::string& heads_file) {
  if (const auto head = last_head(heads_file))
    return said_of(heads_file, *head);
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator{snapshots_of(data_folder), wrong})
    if (entry.path().extension() == ".snap")
      return entry.path().string() + " is a snapshot of one";
  return std::nullopt;
}

std::optional<std::string> trace_above(const std::string& data_folder, position head) {
  if (head == 0)
    return std::nullopt;
  const auto file = data_folder + "/heads.jsonl";
  if (const auto last = last_head(file); last && last->at > head)
    if (const auto key = load_signing_key(data_folder + "/keys/signing.key", false);
        key && key->shown().has_signed(*last))
      return said_of(file, *last);
  if (const auto found = whole_snapshot_above(snapshots_of(data_folder), head))
    return found->path + " is a snapshot of position " + std::to_string(found->at);
  return std::nullopt;
}

bool has_log_file(const std::string& data_folder) {
  std::error_code wrong;
  return fs::exists(data_folder + "/log/data.mdb", wrong);
}

} // namespace careline::store
