#include "tools/careline/call_log.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

enum column : std::size_t {
  date, vru_line, call_id, customer, priority, type, vru_entry, vru_exit, vru_time, q_start,
  q_exit, q_time, outcome, ser_start, ser_exit, ser_time, server, columns,
};
constexpr std::string_view header =
    "date,vru_line,call_id,customer,priority,type,vru_entry,vru_exit,vru_time,q_start,q_exit,"
    "q_time,outcome,ser_start,ser_exit,ser_time,server";

enum dirty : std::size_t {
  phantom, menu_only, no_server, no_service, hang_served, zero_wait_hang, midnight, dirty_kinds,
};

std::vector<dirty_row_kind> dirty_table() {
  return {
      {"phantom", "PHANTOM, no call at all", "left out"},
      {"menu_only", "left in the voice menu, never asked for an agent", "left out"},
      {"no_server", "answered, by whom is not said", "kept; adds nobody to the staff"},
      {"no_service", "answered, service of 0 s", "kept; talk of 0 s"},
      {"hang_served", "hung up, yet with a service",
       "kept as hung up; its service only if answered"},
      {"zero_wait_hang", "hung up in the second it began to wait", "kept; patience of 0 s"},
      {"midnight", "a time that passed midnight", "carried into the next day"},
  };
}

/// Midnight lay between the two; clocks that differ by seconds go backwards as well.
bool is_past_midnight(span from, span to) {
  return to + 12h < from;
}

using cells = std::array<std::string_view, columns>;

bool split(std::string_view line, cells& into) {
  std::size_t n = 0;
  for (;; ++n) {
    if (n == columns)
      return false;
    const auto comma = line.find(',');
    into[n] = line.substr(0, comma);
    if (comma == std::string_view::npos)
      break;
    line.remove_prefix(comma + 1);
  }
  return n + 1 == columns;
}

std::optional<int> number(std::string_view text) {
  int n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || n < 0)
    return {};
  return n;
}

/// "hh:mm:ss"
std::optional<span> clock_time(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':')
    return {};
  const auto h = number(text.substr(0, 2));
  const auto m = number(text.substr(3, 2));
  const auto s = number(text.substr(6, 2));
  if (!h || !m || !s || *h > 23 || *m > 59 || *s > 59)
    return {};
  return std::chrono::hours{*h} + std::chrono::minutes{*m} + std::chrono::seconds{*s};
}

/// "yyyy-mm-dd"
std::optional<std::int64_t> day_of(std::string_view text) {
  if (text.size() != 10)
    return {};
  const auto at = parse_rfc3339(std::string{text} + "T00:00:00Z");
  return at ? std::optional{to_ms(at->at) / 86'400'000} : std::nullopt;
}

class log_reader {
public:
  explicit log_reader(call_log& into) : log_(into) { log_.dirty = dirty_table(); }

  /// What is wrong with the line, if anything.
  std::optional<std::string> take(std::size_t row, std::string_view line) {
    cells c;
    if (!split(line, c))
      return fmt::format("{} columns are expected", static_cast<std::size_t>(columns));
    const auto day = day_of(c[date]);
    const auto queue_s = number(c[q_time]);
    const auto service_s = number(c[ser_time]);
    const auto entered = clock_time(c[vru_entry]);
    const auto left = clock_time(c[vru_exit]);
    const auto queued = clock_time(c[q_start]);
    const auto unqueued = clock_time(c[q_exit]);
    const auto began = clock_time(c[ser_start]);
    const auto ended = clock_time(c[ser_exit]);
    if (!day || !queue_s || !service_s || !entered || !left || !queued || !unqueued || !began
        || !ended)
      return "a date is yyyy-mm-dd, a time hh:mm:ss, a duration whole seconds";
    ++log_.rows;
    if (c[outcome] == "PHANTOM")
      return count(phantom);
    const bool hung_up = c[outcome] == "HANG";
    if (!hung_up && c[outcome] != "AGENT")
      return fmt::format("the outcome \"{}\" is not known", printable(c[outcome].substr(0, 32)));
    const bool waited = *queued != span{0} || *queue_s > 0;
    if (hung_up && !waited)
      return count(menu_only);

    recorded_call call;
    call.row = row;
    call.day = *day;
    call.type = c[type];
    call.server = c[server] == "NO_SERVER" ? "" : c[server];
    call.priority = c[priority] == "2";
    call.wait = std::chrono::seconds{*queue_s};
    call.end = hung_up ? call_end::abandoned : call_end::answered;
    bool crossed = false;
    const auto forward = [&crossed](span from, span to) {
      const bool past = is_past_midnight(from, to);
      crossed = crossed || past;
      return past ? to + 24h : std::max(from, to);
    };
    const auto at_exit = forward(*entered, *left);
    const auto at_queue = waited ? forward(at_exit % 24h, *queued) + at_exit / 24h * span{24h}
                                 : at_exit;
    call.arrival = day_start(*day) + at_queue;
    if (!hung_up || *service_s > 0)
      call.service = std::chrono::seconds{*service_s};
    if (*began != span{0} || !hung_up)
      call.served = call.arrival + forward(at_queue % 24h, *began) - at_queue % 24h;
    crossed = crossed || (waited && is_past_midnight(*queued, *unqueued))
              || (*service_s > 0 && is_past_midnight(*began, *ended));
    note(call, crossed);
    log_.calls.push_back(std::move(call));
    return {};
  }

private:
  std::nullopt_t count(dirty kind) {
    ++log_.dirty[kind].rows;
    return std::nullopt;
  }

  void note(const recorded_call& call, bool crossed) {
    const bool hung_up = call.end == call_end::abandoned;
    if (!hung_up && call.server.empty())
      count(no_server);
    if (!hung_up && call.service == span{0})
      count(no_service);
    if (hung_up && call.service)
      count(hang_served);
    if (hung_up && call.wait == span{0})
      count(zero_wait_hang);
    if (crossed)
      count(midnight);
  }

  call_log& log_;
};

} // namespace

std::string date_text(std::int64_t day) {
  return to_rfc3339(from_ms(day * 86'400'000)).substr(0, 10);
}

instant day_start(std::int64_t day) {
  return from_ms(day * 86'400'000) - std::chrono::minutes{call_log_offset_minutes};
}

result<call_log, bad_file> read_call_log(const std::string& file, std::string_view text,
                                         const std::vector<std::string>& days) {
  call_log out;
  log_reader reader{out};
  std::size_t line = 0;
  const std::set<std::string_view> wanted{days.begin(), days.end()};
  for (const auto& day : days)
    if (!day_of(day))
      return no(bad_file{file, 0, "a day is written as 1999-08-03"});
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (one.ends_with('\r'))
      one.remove_suffix(1);
    if (++line == 1) {
      if (one != header)
        return no(bad_file{file, 1, fmt::format("the first line must be \"{}\"", header)});
      continue;
    }
    if (one.empty() || (!wanted.empty() && !wanted.contains(one.substr(0, 10))))
      continue;
    if (auto wrong = reader.take(line - 1, one))
      return no(bad_file{file, line, std::move(*wrong)});
  }
  if (out.calls.empty())
    return no(bad_file{file, 0, "no call in it asked for an agent"});
  std::ranges::stable_sort(out.calls, {}, &recorded_call::arrival);
  return out;
}

result<call_log, bad_file> load_call_log(const std::string& file,
                                         const std::vector<std::string>& days) {
  const auto text = read_text(file);
  if (!text)
    return no(text.error());
  return read_call_log(file, *text, days);
}

} // namespace careline::program
