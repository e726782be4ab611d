#include "store/inspect.hpp"

#include <unordered_map>

#include "store/hash.hpp"

namespace careline::store {

namespace {

constexpr std::size_t page_events = 10'000;
constexpr std::size_t page_bytes = 8U << 20U;

/// Calls `each` with every event up to the head of the beginning; stops when it says false.
template <class Each>
result<void, log_error> for_each_event(const event_log& log, position head, const progress& tell,
                                       Each&& each) {
  read_options what;
  what.limit = page_events;
  what.bytes_max = page_bytes;
  while (what.after < head) {
    const auto read = log.read(what);
    if (!read)
      return no(read.error());
    for (const auto& e : read->events)
      if (e.at <= head)
        if (auto wrong = each(e))
          return no(*wrong);
    what.after = read->next;
    if (tell)
      tell(std::min(what.after, head), head);
  }
  return {};
}

} // namespace

result<verified, log_error> verify_log(const event_log& log, const progress& tell) {
  verified v;
  v.head = log.head();
  std::unordered_map<std::string, position> last_of_types;
  std::string record;
  position before = 0;
  const auto walked =
      for_each_event(log, v.head, tell, [&](const event_record& e) -> std::optional<log_error> {
        const auto wrong = [&](const std::string& what) {
          return log_error{log_fault::damaged, "record " + std::to_string(before + 1) + " " + what,
                           before + 1};
        };
        if (e.at != before + 1)
          return wrong("is missing");
        auto& last = last_of_types[e.type];
        if (e.previous != last)
          return wrong("names another event before it of its type than there is");
        last = before = e.at;
        record.clear();
        encode_record(e, record);
        v.hash = next_hash(v.hash, record);
        return std::nullopt;
      });
  if (!walked)
    return no(walked.error());
  const auto stored = log.hash_at(v.head);
  if (!stored)
    return no(stored.error());
  if (*stored != v.hash)
    return no(log_error{log_fault::damaged, "the chain does not lead to the head's hash", v.head});
  return v;
}

result<log_figures, log_error> count_log(const event_log& log, const progress& tell) {
  log_figures f;
  f.head = log.head();
  f.epoch = log.epoch();
  f.room_bytes = log.room_bytes();
  std::string record;
  const auto walked =
      for_each_event(log, f.head, tell, [&](const event_record& e) -> std::optional<log_error> {
        if (f.events++ == 0)
          f.first = e.time;
        f.last = e.time;
        ++f.per_type[e.type];
        record.clear();
        encode_record(e, record);
        f.bytes += record.size();
        return std::nullopt;
      });
  if (!walked)
    return no(walked.error());
  const auto hash = log.hash_at(f.head);
  if (!hash)
    return no(hash.error());
  f.hash = *hash;
  return f;
}

} // namespace careline::store
