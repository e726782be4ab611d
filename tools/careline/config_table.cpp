#include "tools/careline/config_table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <variant>

#include "messages/time.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

using complaint = std::optional<std::string>;
using place = std::variant<std::string config::*, bool config::*, double config::*, int config::*,
                           std::uint64_t config::*, queue_id config::*>;

/// tcp://HOST:PORT; the port may be 0 or *.
complaint check_bus_address(const std::string& text) {
  const auto rest = std::string_view{text}.substr(std::min<std::size_t>(6, text.size()));
  if (text.starts_with("ipc://") && rest.size() > 1)
    return {};
  const auto colon = rest.rfind(':');
  if (!text.starts_with("tcp://") || colon == 0 || colon == rest.npos)
    return "must be an address like tcp://127.0.0.1:5570";
  const auto port = rest.substr(colon + 1);
  unsigned number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool is_number = !port.empty() && read.ec == std::errc{} && read.ptr == port.end();
  if (port != "*" && (!is_number || number > 65'535))
    return "must end in a port from 0 to 65535";
  return {};
}

complaint check_http_address(const std::string& text) {
  if (text.find("://") != text.npos || check_bus_address("tcp://" + text))
    return "must be HOST:PORT, like 127.0.0.1:5580";
  return {};
}

complaint check_zone(const std::string& text) {
  if (offset_minutes_of(text, instant{}))
    return {};
  return "must be a time zone's name, like Asia/Shanghai";
}

complaint check_outside(const std::string& text) {
  if (text.size() > 9 && text.starts_with("external:"))
    return {};
  return "must be an outside place: external: and its name";
}

complaint check_fallback(const std::string& text) {
  constexpr std::string_view announcement = "announcement:";
  if (!check_outside(text) || (text.size() > announcement.size() && text.starts_with(announcement)))
    return {};
  return "must be an outside place or an announcement: external: or announcement: and its name";
}

complaint check_language(const std::string& text) {
  if (is_valid_code(text))
    return {};
  return "must be a language's code, like zh or en";
}

complaint check_level(const std::string& text) {
  constexpr std::array levels{"debug", "info", "warning", "error"};
  if (std::ranges::find(levels, text) != levels.end())
    return {};
  return "must be one of debug, info, warning, error";
}

complaint check_filled(const std::string& text) {
  if (text.empty())
    return "must not be empty";
  return {};
}

struct row {
  config_field shown;
  place where;
  double min = 0;  ///< of numbers
  double max = 0;
  complaint (*check)(const std::string&) = nullptr;  ///< of text
};

using enum field_kind;

const std::array rows{
    row{{"data", "--data", text, "folder", "not empty", "where the log, keys and snapshots are"},
        &config::data, 0, 0, &check_filled},
    row{{"commands", "--commands", text, "address", "tcp://HOST:PORT, or ipc://PATH",
         "socket that takes commands; port 0 takes a free one"},
        &config::commands, 0, 0, &check_bus_address},
    row{{"events", "--events", text, "address", "tcp://HOST:PORT, or ipc://PATH",
         "socket that tells events; port 0 takes a free one"},
        &config::events, 0, 0, &check_bus_address},
    row{{"http", "--http", text, "address",
         "HOST:PORT; other than loopback only with a certificate",
         "board, desks, health and metrics; port 0 takes a free one"},
        &config::http, 0, 0, &check_http_address},
    row{{"secure", "--secure", flag, "", "true or false",
         "every client of the bus needs a key; so by itself where an address is not loopback"},
        &config::secure},
    row{{"pages.certificate", "--pages-certificate", text, "file", "PEM, or empty: no TLS",
         "the certificate of the pages, with its chain"},
        &config::certificate},
    row{{"pages.key", "--pages-key", text, "file", "PEM", "the private key of that certificate"},
        &config::certificate_key},
    row{{"pages.name", "--pages-name", text, "name", "a host's name, or empty",
         "by which browsers reach the pages, beside this machine's own names"},
        &config::pages_name},
    row{{"speed", "--speed", number, "engine seconds a second", "0.01 to 10000",
         "how fast engine time runs; a data folder keeps its speed"},
        &config::speed, 0.01, 10'000},
    row{{"accept_clock", "--accept-clock", flag, "", "true or false",
         "start though the log is more than 5 minutes ahead of the clock"},
        &config::accept_clock},
    row{{"time_zone", "--time-zone", text, "name", "a name that the tz database knows",
         "time zone of rules, days and intervals of a new log"},
        &config::time_zone, 0, 0, &check_zone},
    row{{"session.grace_s", "--grace-s", whole, "s", "0 to 3600",
         "from the loss of a session until what it held ends"},
        &config::grace_s, 0, 3600},
    row{{"reception.default_queue", "--default-queue", text, "queue", "1 to 128 bytes",
         "for contacts with neither a queue nor a need that triage knows"},
        &config::default_queue},
    row{{"reception.fallback", "--fallback", text, "place", "external:NAME or announcement:NAME",
         "where a person is sent who hears busy, unless the queue names a place"},
        &config::fallback, 0, 0, &check_fallback},
    row{{"reception.language", "--language", text, "code", "1 to 64 bytes: zh, en, zh-HK",
         "that people are met in who name none that somebody has written wordings for"},
        &config::language, 0, 0, &check_language},
    row{{"safety.divert_to", "--safety-divert-to", text, "outside place", "external:NAME",
         "where a contact about safety is handed at once"},
        &config::safety_place, 0, 0, &check_outside},
    row{{"store.disk_mib", "--disk-mib", whole, "MiB", "16 to 16777216",
         "the most that the log may take; opening stops above it less the reserve"},
        &config::disk_mib, 16, 16'777'216},
    row{{"store.disk_warn_percent", "--disk-warn", whole, "%", "1 to 100",
         "a warning once so much is used of what the log may take until opening stops"},
        &config::disk_warn_percent, 1, 100},
    row{{"store.disk_alarm_percent", "--disk-alarm", whole, "%", "1 to 100",
         "an alarm once so much of it is used"},
        &config::disk_alarm_percent, 1, 100},
    row{{"store.snapshot_events", "--snapshot-events", whole, "events", "0 to 1000000000; 0: never",
         "a snapshot each so many events, which makes the next start quick"},
        &config::snapshot_events, 0, 1'000'000'000},
    row{{"store.snapshot_days", "--snapshot-days", whole, "days", "0 to 3650",
         "beside the newest two, the last snapshot of each day is kept for so long"},
        &config::snapshot_days, 0, 3650},
    row{{"store.key_copies_days", "--key-copies-days", whole, "days", "0 to 36500; 0: not said",
         "how long copies of the keys are kept elsewhere: what an erasure tells the person"},
        &config::key_copies_days, 0, 36'500},
    row{{"store.heads", "--heads", text, "file", "empty: heads.jsonl in the data folder",
         "signed heads of the log are appended to it; better where the engine's own disk is not"},
        &config::heads},
    row{{"store.heads_every_s", "--heads-every-s", whole, "s", "0 to 86400; 0: only at a stop",
         "the log's head is signed each so many seconds of engine time, and at a stop"},
        &config::heads_every_s, 0, 86'400},
    row{{"store.commit_slow_s", "--commit-slow-s", whole, "s", "1 to 3600",
         "while a commit takes longer than this the engine is not ready"},
        &config::commit_slow_s, 1, 3600},
    row{{"store.commit_end_s", "--commit-end-s", whole, "s", "1 to 3600; not below commit_slow_s",
         "a commit that takes longer than this ends the engine"},
        &config::commit_end_s, 1, 3600},
    row{{"log.level", "--log-level", text, "", "debug, info, warning, error",
         "how much is said on stderr"},
        &config::log_level, 0, 0, &check_level},
};

const row* find_row(std::string_view key) noexcept {
  const auto found = std::ranges::find(rows, key, [](const row& r) { return r.shown.key; });
  return found == rows.end() ? nullptr : &*found;
}

template <class N>
complaint set_number(const row& r, std::string_view given, N& into) {
  N read{};
  const auto end = given.data() + given.size();
  const auto did = std::from_chars(given.data(), end, read);
  const bool whole_text = did.ec == std::errc{} && did.ptr == end && !given.empty();
  const auto wide = static_cast<double>(read);
  if (!whole_text || !(wide >= r.min) || wide > r.max)
    return fmt::format("must be a {}number, {}; it is \"{}\"",
                       r.shown.kind == whole ? "whole " : "", r.shown.limit, given.substr(0, 64));
  into = read;
  return {};
}

struct setter {
  const row& r;
  config& c;
  std::string_view given;

  complaint operator()(std::string config::* at) const {
    std::string read{given};
    if (printable(given) != given)
      return "must be text without control characters";
    if (auto wrong = r.check ? r.check(read) : complaint{})
      return fmt::format("{}; it is \"{}\"", *wrong, given.substr(0, 128));
    c.*at = std::move(read);
    return {};
  }
  complaint operator()(queue_id config::* at) const {
    if (!is_valid_id(given))
      return "must be 1 to 128 bytes of text without control characters";
    c.*at = queue_id{given};
    return {};
  }
  complaint operator()(bool config::* at) const {
    if (given != "true" && given != "false")
      return fmt::format("must be true or false; it is \"{}\"", given.substr(0, 64));
    c.*at = given == "true";
    return {};
  }
  template <class N>
  complaint operator()(N config::* at) const {
    return set_number(r, given, c.*at);
  }
};

struct getter {
  const config& c;
  std::string operator()(std::string config::* at) const { return c.*at; }
  std::string operator()(queue_id config::* at) const { return (c.*at).text(); }
  std::string operator()(bool config::* at) const { return c.*at ? "true" : "false"; }
  template <class N>
  std::string operator()(N config::* at) const {
    return fmt::format("{}", c.*at);
  }
};

} // namespace

std::span<const config_field> config_fields() noexcept {
  static const auto shown = [] {
    std::vector<config_field> all;
    for (const auto& r : rows)
      all.push_back(r.shown);
    return all;
  }();
  return shown;
}

const config_field* find_field(std::string_view key) noexcept {
  const auto* r = find_row(key);
  return r ? &r->shown : nullptr;
}

std::optional<std::string> set_field(config& c, std::string_view key, std::string_view given) {
  const auto& r = *find_row(key);
  return std::visit(setter{r, c, given}, r.where);
}

std::string text_of(const config& c, std::string_view key) {
  return std::visit(getter{c}, find_row(key)->where);
}

std::string environment_name(std::string_view key) {
  std::string name = "CARELINE_";
  for (const char letter : key)
    name +=
        letter == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return name;
}

} // namespace careline::program
