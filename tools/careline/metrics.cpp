#include "tools/careline/metrics.hpp"

#include <algorithm>
#include <array>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <string_view>

namespace careline::program {

namespace {

using labels = std::vector<prometheus::ClientMetric::Label>;

/// Board figures that are a number now; the other numbers without a unit count since midnight.
constexpr std::array now_figures{"waiting", "in_progress", "callbacks_waiting"};
constexpr std::array shares{"abandon_rate", "occupancy"};

/// Families in the order they were first named, as Prometheus wants all rows of one together.
class sheet {
public:
  void gauge(const std::string& name, double number, const labels& by, const char* says) {
    prometheus::ClientMetric m;
    m.label = by;
    m.gauge.value = number;
    family(name, prometheus::MetricType::Gauge, says).metric.push_back(std::move(m));
  }
  void counter(const std::string& name, double number, const labels& by, const char* says) {
    prometheus::ClientMetric m;
    m.label = by;
    m.counter.value = number;
    family(name, prometheus::MetricType::Counter, says).metric.push_back(std::move(m));
  }
  std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

private:
  prometheus::MetricFamily& family(const std::string& name, prometheus::MetricType type,
                                   const char* says) {
    const auto [at, fresh] = places_.try_emplace(name, families_.size());
    if (fresh) {
      prometheus::MetricFamily f;
      f.name = name;
      f.help = says;
      f.type = type;
      families_.push_back(std::move(f));
    }
    return families_[at->second];
  }

  std::vector<prometheus::MetricFamily> families_;
  std::map<std::string, std::size_t> places_;
};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// One figure of the board under its Prometheus name.
void add_figure(sheet& s, const std::string& key, const value& figure, const labels& by) {
  const auto number = figure.to_double();
  if (key.ends_with("_s"))
    s.gauge("careline_" + key.substr(0, key.size() - 2) + "_seconds", number, by,
            "Seconds; docs/metrics.md says from where to where.");
  else if (key.starts_with("sl_") || is_one_of(shares, key))
    s.gauge("careline_" + key + "_ratio", number, by, "Share from 0 to 1 since local midnight.");
  else if (is_one_of(now_figures, key))
    s.gauge("careline_" + key, number, by, "Contacts now.");
  else
    s.counter("careline_" + key + "_total", number, by, "Contacts since local midnight.");
}

void add_figures(sheet& s, const value* figures, const labels& by) {
  const auto* all = figures ? figures->as<value::map>() : nullptr;
  if (!all)
    return;
  for (const auto& [key, figure] : *all)
    if (figure.is_number() && key != "service_level_s" && key != "weight")
      add_figure(s, key, figure, by);
}

void add_states(sheet& s, const value* states, const labels& by) {
  const auto* all = states ? states->as<value::map>() : nullptr;
  if (!all)
    return;
  for (const auto& [state, n] : *all) {
    auto with = by;
    with.push_back({"state", state});
    s.gauge("careline_agents", n.to_double(), with, "Agents by the state they show.");
  }
}

void add_board(sheet& s, const value& board) {
  add_figures(s, board.find("centre"), {});
  add_states(s, board.find("agents"), {});
  for (const auto& [group, label] :
       {std::pair{"channels", "channel"}, std::pair{"queues", "queue"}})
    if (const auto* all = board.find(group); all && all->is_map())
      for (const auto& [name, figures] : *all->as<value::map>()) {
        add_figures(s, &figures, {{label, name}});
        add_states(s, figures.find("agents"), {{label, name}});
      }
}

double as_double(std::uint64_t n) {
  return static_cast<double>(n);
}

void add_commands(sheet& s, const metrics_input& from) {
  for (const auto& [key, n] : from.commands)
    s.counter("careline_commands_total", as_double(n),
              {{"outcome", key.first}, {"problem", key.second}},
              "Commands answered, by outcome and problem.");
  s.gauge("careline_commands_in_flight", as_double(from.commands_in_flight), {},
          "Commands taken and not yet answered.");
  s.counter("careline_safety_handed_over_total", as_double(from.safety_handed_over), {},
            "Safety contacts handed over without an event: the log could not take one.");
  s.counter("careline_slow_handlers_total", as_double(from.slow_handlers), {},
            "Handlers that took longer than 50 ms.");
}

void add_bus(sheet& s, const metrics_input& from) {
  const auto& b = from.bus;
  const auto count = [&](const char* name, std::uint64_t n, const char* says) {
    s.counter(std::string{"careline_bus_"} + name + "_total", as_double(n), {}, says);
  };
  count("commands", b.commands, "Messages that came in on the command socket.");
  count("replies", b.replies, "Replies sent.");
  count("malformed", b.malformed, "Messages that could not be read, answered invalid.");
  count("too_large", b.too_large, "Messages above 64 KiB, answered invalid.");
  count("dropped_connections", b.dropped_connections, "Connections dropped for their frames.");
  count("unroutable", b.unroutable, "Replies whose client had gone.");
  count("events", b.events, "Events published.");
  count("events_skipped", b.events_skipped, "Events left out for want of room; read from the log.");
  s.gauge("careline_bus_subscribers", as_double(b.subscribers), {}, "Subscriptions.");
  s.gauge("careline_bus_outbound_queued", as_double(b.outbound_queued), {},
          "Replies and events that wait for the socket.");
  const auto& h = from.http;
  s.counter("careline_http_requests_total", as_double(h.requests), {}, "HTTP requests.");
  s.counter("careline_http_refused_total", as_double(h.refused), {}, "HTTP requests refused.");
  s.counter("careline_http_fallbacks_total", as_double(h.fallbacks), {},
            "Slow pages that were sent the whole board instead of each change.");
  s.gauge("careline_http_pages", as_double(h.pages), {}, "Pages that follow the board.");
}

void add_log(sheet& s, const metrics_input& from) {
  s.gauge("careline_log_head", as_double(from.head), {}, "Last durable position.");
  s.gauge("careline_board_lag_events", as_double(from.head - std::min(from.head, from.board_at)),
          {}, "Durable events that the board has not taken in yet.");
  s.gauge("careline_log_room_bytes", static_cast<double>(from.room_bytes), {},
          "Room for events until opening is refused; negative below the reserve.");
  const auto& w = from.writer;
  s.counter("careline_log_commits_total", as_double(w.commits), {}, "Synced transactions.");
  s.counter("careline_log_events_total", as_double(w.events), {}, "Events made durable.");
  s.gauge("careline_log_queued_batches", as_double(w.queued), {},
          "Batches that wait for a commit.");
  s.gauge("careline_log_commit_seconds", as_double(w.mean_commit_us) / 1e6, {},
          "Duration of a commit with its sync, moving average.");
  s.counter("careline_snapshots_total", as_double(from.snapshots), {}, "Snapshots written.");
}

void add_process(sheet& s, const metrics_input& from) {
  const auto& p = from.process;
  s.gauge("careline_ready", from.ready ? 1 : 0, {}, "1 while the engine takes new contacts.");
  s.gauge("careline_engine_time_seconds", from.engine_time_s, {}, "Engine time since 1970.");
  s.gauge("careline_clock_difference_seconds", from.clock_difference_s, {},
          "Wall clock minus engine time.");
  s.gauge("careline_speed_ratio", from.speed, {}, "Engine seconds a second.");
  s.gauge("careline_build_info", 1, {{"version", CARELINE_VERSION}}, "Which version this is.");
  s.gauge("process_start_time_seconds", p.start_time_s, {}, "Start since 1970.");
  s.counter("process_cpu_seconds_total", p.cpu_s, {}, "Processor time used.");
  s.gauge("process_resident_memory_bytes", as_double(p.resident_bytes), {}, "Resident memory.");
  s.gauge("process_private_memory_bytes", as_double(p.private_bytes), {},
          "Resident memory without the mapped log.");
  s.gauge("process_open_fds", as_double(p.open_files), {}, "Open file descriptors.");
  s.gauge("process_max_fds", as_double(p.open_files_max), {}, "Most that may be open.");
  s.gauge("process_threads", as_double(p.threads), {}, "Threads.");
}

} // namespace

std::string metrics_text(const metrics_input& from) {
  sheet s;
  add_board(s, from.board);
  add_commands(s, from);
  add_bus(s, from);
  add_log(s, from);
  add_process(s, from);
  return s.text();
}

} // namespace careline::program
