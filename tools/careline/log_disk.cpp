#include <fmt/format.h>

#include "tools/careline/disk_watch.hpp"
#include "tools/careline/log_commands.hpp"

namespace careline::program {

value disk_figures(const std::string& data, const config& with) {
  const auto use = store::look_at_disk(data, with.disk_mib << 20U);
  value all{value::map{}};
  all.add("file_bytes", value{use.log});
  all.add("budget_bytes", value{use.room.budget});
  all.add("reserve_bytes", value{use.room.reserve});
  all.add("room_bytes", value{use.room.room()});
  all.add("full", use.room.full());
  all.add("level", store::word_of(store::level_of(use.room, limits_of(with))));
  all.add("keys_bytes", value{use.keys});
  all.add("streams_bytes", value{use.streams});
  all.add("snapshots_bytes", value{use.snapshots});
  all.add("ballast_bytes", value{use.ballast});
  return all;
}

std::string disk_text(const value& figures) {
  std::string out;
  for (const auto& [key, item] : *figures.as<value::map>()) {
    const std::string_view name{key};
    const auto what = name.substr(0, name.find('_'));
    if (name == "full")
      out += fmt::format("{:<10}{:.1f} % of the budget without the reserve\n", name,
                         100 * item.to_double());
    else if (item.is_number())
      out += fmt::format("{:<10}{:.1f} MB\n", what, item.to_double() / 1e6);
    else
      out += fmt::format("{:<10}{}\n", name, figures.text_or(key));
  }
  return "disk\n" + out;
}

} // namespace careline::program
