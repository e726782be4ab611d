#include "store/lost_log.hpp"

#include <filesystem>

#include "store/signed_head.hpp"

namespace careline::store {

namespace fs = std::filesystem;

std::optional<std::string> trace_of_log(const std::string& data_folder,
                                        const std::string& heads_file) {
  if (std::error_code wrong; fs::exists(heads_file, wrong))
    if (const auto lines = read_heads(heads_file))
      for (auto line = lines->rbegin(); line != lines->rend(); ++line)
        if (line->head)
          return heads_file + " has a head that was signed at position "
                 + std::to_string(line->head->at) + " on " + to_rfc3339(line->head->time);
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator{data_folder + "/snapshots", wrong})
    if (entry.path().extension() == ".snap")
      return entry.path().string() + " is a snapshot of one";
  return std::nullopt;
}

bool has_log_file(const std::string& data_folder) {
  std::error_code wrong;
  return fs::exists(data_folder + "/log/data.mdb", wrong);
}

} // namespace careline::store
