#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "store/event_log.hpp"
#include "tests/scratch_folder.hpp"

// What the stories about the log have in common.

namespace careline::store::story {

using careline::scratch_folder;

inline const instant morning = from_ms(1'772'413'200'000);  // 2026-03-02T01:00:00Z

inline event_record happened(std::string type, std::string subject, std::string data = "\x80",
                             instant at = morning) {
  event_record e;
  e.type = std::move(type);
  e.subject = std::move(subject);
  e.time = at;
  e.actor = "phone-1";
  e.causation = "019cacb6-3c80-7000-8000-000000000001";
  e.correlation = e.subject;
  e.data = std::move(data);
  return e;
}

inline batch just(event_record e) {
  batch b;
  b.events.push_back(std::move(e));
  return b;
}

/// `n` contacts join queues: contact.queued of contact/C-<first> and on, one batch each.
inline std::vector<batch> queued(std::size_t n, std::size_t first = 1) {
  std::vector<batch> group;
  for (std::size_t i = first; i < first + n; ++i)
    group.push_back(just(happened("contact.queued", "contact/C-" + std::to_string(i))));
  return group;
}

inline batch answering(event_record e, const std::string& client, const std::string& id,
                       std::string data = {}) {
  auto b = just(std::move(e));
  b.command.emplace(command_key{client, id}, remembered{});
  b.command->second.digest = {1, 2, 3};
  b.command->second.data = std::move(data);
  return b;
}

using appended = result<std::vector<committed>, log_error>;

/// Appends and waits for the outcome.
inline appended append(event_log& log, std::vector<batch> group, position expected_head,
                       std::uint64_t epoch) {
  std::optional<appended> outcome;
  log.append(std::move(group), expected_head, epoch, [&](appended o) { outcome = std::move(o); });
  return *outcome;
}
inline appended append(event_log& log, std::vector<batch> group) {
  return append(log, std::move(group), log.head(), log.epoch());
}

inline std::vector<event_record> read_all(const event_log& log,
                                          std::vector<std::string> types = {}) {
  std::vector<event_record> all;
  read_options what;
  what.types = std::move(types);
  while (what.after < log.head()) {
    auto read = log.read(what);
    if (!read)
      break;
    for (auto& e : read->events)
      all.push_back(std::move(e));
    what.after = read->next;
  }
  return all;
}

/// A UUIDv7 of that time; `n` tells those of one millisecond apart.
inline std::string id_at(instant at, unsigned n = 0) {
  char text[48];
  const auto ms = static_cast<unsigned long long>(to_ms(at));
  std::snprintf(text, sizeof text, "%08llx-%04llx-7000-8000-%012x", ms >> 16U, ms & 0xFFFFU, n);
  return text;
}

} // namespace careline::store::story
