#include "store/inspect.hpp"

#include <functional>
#include <string_view>
#include <unordered_map>

#include "store/row_source.hpp"

namespace careline::store {

namespace {

constexpr std::size_t page_events = 10'000;
constexpr std::size_t page_bytes = 8U << 20U;
constexpr position told_each = 4096;

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

/// Holds each record to the one before it of its type.
class type_links {
public:
  std::optional<log_error> wrong_at(const chain_walk& here) {
    const auto type = type_in_record(here.record());
    if (type.empty())
      return wrong(here.at(), log_fault::newer_format,
                   " was written by a newer version of the program");
    auto known = last_.find(type);
    if (known == last_.end())
      known = last_.emplace(type, 0).first;
    if (previous_in_record(here.record()) != known->second)
      return wrong(here.at(), log_fault::damaged,
                   " names another event before it of its type than there is");
    known->second = here.at();
    return std::nullopt;
  }
  type_positions last() const { return {last_.begin(), last_.end()}; }

private:
  static log_error wrong(position at, log_fault fault, const char* what) {
    return {fault, "record " + std::to_string(at) + what, at};
  }
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, position, text_hash, std::equal_to<>> last_;
};

} // namespace

result<verified, log_error> verify_log(const event_log& log, const progress& tell,
                                       const hash_seen& seen) {
  const auto* rows = dynamic_cast<const row_source*>(&log);
  if (!rows)
    return no(log_error{log_fault::io, "this log does not show its records"});
  verified v;
  v.head = log.head();
  type_links links;
  std::optional<log_error> wrong;
  const auto damage = rows->walk_records(0, v.head, [&](const chain_walk& at) {
    wrong = links.wrong_at(at);
    if (wrong)
      return false;
    v.hash = at.hash();
    if (seen)
      seen(at.at(), v.hash);
    if (tell && at.at() % told_each == 0)
      tell(at.at(), v.head);
    return true;
  });
  if (damage || wrong)
    return no(damage ? *damage : *wrong);
  if (tell)
    tell(v.head, v.head);
  if (auto beside = rows->check_beside(links.last(), v.head))
    return no(*beside);
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
