#include "tools/careline/config.hpp"

#include <algorithm>
#include <date/tz.h>
#include <fmt/format.h>

#include "tools/careline/config_table.hpp"
#include "tools/careline/terminal.hpp"

extern char** environ;

namespace careline::program {

namespace {

bool is_loopback(std::string_view address) {
  if (address.starts_with("ipc://"))
    return true;
  if (const auto scheme = address.find("://"); scheme != address.npos)
    address.remove_prefix(scheme + 3);
  const auto host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]" || host == "::1")
    return true;
  // "127.0.0.1.example.org" is somebody's name.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

/// What others can reach is signed in at, and read by nobody on the way.
result<void, std::string> check_pages(const loaded_config& c) {
  const auto from = [&](std::string_view key) { return c.origins.find(key)->second; };
  if (c.values.certificate.empty() != c.values.certificate_key.empty())
    return no(fmt::format("{}: pages.certificate and pages.key go together; one is missing",
                          from(c.values.certificate.empty() ? "pages.key" : "pages.certificate")));
  if (is_loopback(c.values.http) || !c.values.certificate.empty())
    return {};
  return no(fmt::format("{}: \"http\" is {}, which other machines can reach; there pages are "
                        "served under TLS only: give pages.certificate and pages.key",
                        from("http"), c.values.http));
}

result<void, std::string> check_commit_limits(const loaded_config& c) {
  if (c.values.commit_end_s >= c.values.commit_slow_s)
    return {};
  return no(fmt::format("{}: store.commit_end_s is {}, below store.commit_slow_s, {}; an engine "
                        "ends only after it has said that it is not ready",
                        c.origins.find("store.commit_end_s")->second, c.values.commit_end_s,
                        c.values.commit_slow_s));
}

result<void, std::string> read_environment(const config_sources& from, loaded_config& into) {
  std::vector<std::string> names{"CARELINE_CONFIG"};
  for (const auto& field : config_fields())
    names.push_back(environment_name(field.key));
  const std::vector<std::string_view> known{names.begin(), names.end()};
  for (const auto& [name, given] : from.environment) {
    // The second is a client's; the third store/keys looks for itself.
    if (name == "CARELINE_CONFIG" || name == "CARELINE_KEY" || name == "CARELINE_MASTER_KEY")
      continue;
    const auto at = std::ranges::find_if(
        config_fields(),
        [&wanted = name](const config_field& f) { return environment_name(f.key) == wanted; });
    if (at != config_fields().end()) {
      if (const auto wrong = set_field(into.values, at->key, given))
        return no(fmt::format("{}: {}", name, *wrong));
      into.origins[std::string{at->key}] = name;
    } else if (const auto near = nearest(name, known); !near.empty()) {
      return no(fmt::format("{}: there is no such variable. Did you mean {}?", name, near));
    } else {
      // Schedulers set variables of their own by a service's name: no mistake of the operator.
      into.remarks.push_back(
          fmt::format("{} is no variable of the engine; it is left aside", name));
    }
  }
  return {};
}

result<void, std::string> read_flags(const config_sources& from, loaded_config& into) {
  for (const auto& [key, given] : from.flags) {
    if (key == "config")
      continue;
    const auto* field = find_field(key);
    if (const auto wrong = set_field(into.values, key, given))
      return no(fmt::format("{}: {}", field->flag, *wrong));
    into.origins[key] = field->flag;
  }
  return {};
}

std::string file_named(const config_sources& from) {
  if (const auto flag = from.flags.find("config"); flag != from.flags.end())
    return flag->second;
  const auto variable = from.environment.find("CARELINE_CONFIG");
  return variable == from.environment.end() ? std::string{} : variable->second;
}

} // namespace

bool needs_keys(const config& c) {
  return c.secure || !is_loopback(c.commands) || !is_loopback(c.events)
         || !is_loopback("tcp://" + c.http);
}

config_sources sources_of(given_flags flags) {
  config_sources from;
  from.flags = std::move(flags);
  for (char** one = environ; one && *one; ++one) {
    const std::string_view entry{*one};
    const auto equals = entry.find('=');
    if (entry.starts_with("CARELINE_") && equals != entry.npos)
      from.environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return from;
}

namespace {

result<void, std::string> read_all(const config_sources& from, loaded_config& into) {
  for (const auto& field : config_fields())
    into.origins[std::string{field.key}] = "default";
  into.origins["triage"] = "default";
  if (const auto file = file_named(from); !file.empty())
    if (auto read = read_config_file(file, into); !read)
      return no(read.error());
  if (auto read = read_environment(from, into); !read)
    return no(read.error());
  if (auto read = read_flags(from, into); !read)
    return no(read.error());
  if (auto checked = check_pages(into); !checked)
    return no(checked.error());
  if (auto checked = check_commit_limits(into); !checked)
    return no(checked.error());
  return {};
}

} // namespace

result<loaded_config, std::string> load_config(const config_sources& from) {
  loaded_config into;
  // What is said may hold what was given, and is printed.
  if (const auto read = read_all(from, into); !read)
    return no(printable(read.error()));
  for (auto& remark : into.remarks)
    remark = printable(remark);
  return into;
}

std::optional<int> offset_minutes_of(const std::string& zone, instant at) {
  try {
    const auto info = date::locate_zone(zone)->get_info(at);
    return static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(info.offset).count());
  } catch (const std::runtime_error&) {
    return {};
  }
}

} // namespace careline::program
