#include <filesystem>

#include "store/event_log.hpp"
#include "store/lmdb/lmdb_log.hpp"
#include "store/log_builder.hpp"
#include "store/memory/memory_log.hpp"

namespace careline::store {

result<std::unique_ptr<event_log>, log_error> open_event_log(const open_options& options) {
  if (options.place == "memory:") {
    std::unique_ptr<event_log> log = std::make_unique<memory_log>(options);
    return log;
  }
  if (options.place.empty())
    return no(log_error{log_fault::io, "no folder is named for the log"});
  if (std::error_code wrong;
      std::filesystem::exists(options.place + "/" + std::string{unfinished_name}, wrong))
    return no(log_error{log_fault::io, "in " + options.place + " a restore or an import did not "
                                           "end: do it again, or remove the folder"});
  if (!options.read_only)
    for (const auto* room : {"/log", "/streams", "/keys", "/snapshots"}) {
      std::error_code wrong;
      std::filesystem::create_directories(options.place + room, wrong);
      if (wrong)
        return no(log_error{log_fault::io, "cannot make the folder " + options.place + room + ": "
                                               + wrong.message()});
    }
  return lmdb::lmdb_log::open(options);
}

} // namespace careline::store
