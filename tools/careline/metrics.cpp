#include "tools/careline/metrics.hpp"

#include <algorithm>
#include <array>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <string_view>

namespace careline::program {

namespace {

using labels = std::vector<prometheus::ClientMetric::Label>;

enum class figure_kind { now, count, seconds, share };

/// A figure of the board that `/metrics` tells. What is not in the list is not told: a number that
/// is a moment, or a policy, must not pass for a count.
struct figure_row {
  std::string_view key;
  figure_kind kind;
  const char* says;
};
constexpr std::array figures_told{
    figure_row{"waiting", figure_kind::now, "Waits running now."},
    figure_row{"in_progress", figure_kind::now, "Contacts in talk or on hold now."},
    figure_row{"callbacks_waiting", figure_kind::now, "Contacts that wait to be called back now."},
    figure_row{"oldest_waiting_s", figure_kind::seconds, "The longest wait running now."},
    figure_row{"longest_wait_s", figure_kind::seconds, "The longest wait that ended today."},
    figure_row{"wait_estimate_s", figure_kind::seconds, "What one who comes now would be told."},
    figure_row{"asa_s", figure_kind::seconds, "Mean wait of the answered."},
    figure_row{"greet_s", figure_kind::seconds, "Mean time from opening to the first word."},
    figure_row{"human_wait_s", figure_kind::seconds,
               "Mean time from the first queue to the first answer."},
    figure_row{"aht_s", figure_kind::seconds, "Mean handling: talk, hold and wrap-up."},
    figure_row{"offered", figure_kind::count, "Contacts opened; of a queue: queued or refused."},
    figure_row{"queued", figure_kind::count, "Waits begun."},
    figure_row{"answered", figure_kind::count, "Waits that an answer ended."},
    figure_row{"abandoned", figure_kind::count, "Waits that the person ended."},
    figure_row{"refused", figure_kind::count, "Contacts refused."},
    figure_row{"timed_out", figure_kind::count, "Contacts that a limit ended."},
    figure_row{"diverted", figure_kind::count, "Contacts sent to a place outside."},
    figure_row{"moved", figure_kind::count, "Waits that went on in another queue."},
    figure_row{"finished", figure_kind::count, "Contacts that ended after talk."},
    figure_row{"transferred", figure_kind::count, "Talks that a transfer ended."},
    figure_row{"callbacks", figure_kind::count, "Waits that ended by asking for a callback."},
    figure_row{"callbacks_answered", figure_kind::count, "Callbacks connected."},
    figure_row{"callbacks_lost", figure_kind::count, "Callbacks given up or never reached."},
    figure_row{"abandon_rate", figure_kind::share, "Abandoned / queued."},
    figure_row{"occupancy", figure_kind::share, "Time on contact / (on contact + idle)."},
    figure_row{"sl_answered", figure_kind::share, "Answered in time / answered."},
    figure_row{"sl_offered", figure_kind::share,
               "(Answered + abandoned in time) / (answered + abandoned)."},
    figure_row{"sl_left", figure_kind::share, "Waits that ended in time / queued."},
    figure_row{"sl_strict", figure_kind::share, "Answered in time / (answered + abandoned)."},
    figure_row{"sl_no_short", figure_kind::share,
               "Answered in time / (answered + abandoned but the short ones)."},
    figure_row{"sl_late", figure_kind::share, "Answered in time / (answered + abandoned late)."},
};

/// Families in the order they were first named, as Prometheus wants all rows of one together.
class sheet {
public:
  void gauge(const std::string& name, double number, const labels& by, const std::string& says) {
    prometheus::ClientMetric m;
    m.label = by;
    m.gauge.value = number;
    family(name, prometheus::MetricType::Gauge, says).metric.push_back(std::move(m));
  }
  void counter(const std::string& name, double number, const labels& by, const std::string& says) {
    prometheus::ClientMetric m;
    m.label = by;
    m.counter.value = number;
    family(name, prometheus::MetricType::Counter, says).metric.push_back(std::move(m));
  }
  std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

private:
  prometheus::MetricFamily& family(const std::string& name, prometheus::MetricType type,
                                   const std::string& says) {
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

/// Whose figures: the centre's, each channel's, each queue's. Each has names of its own, so that
/// nobody adds up what holds the other.
struct scope_names {
  std::string prefix = "careline_";
  std::string says = "";
  labels by{};
};

void add_figures(sheet& s, const value* figures, const scope_names& of) {
  for (const auto& row : figures_told) {
    const auto* figure = figures ? figures->find(row.key) : nullptr;
    if (!figure || !figure->is_number())
      continue;
    const auto number = figure->to_double();
    const auto name = of.prefix + std::string{row.key};
    const auto says = of.says + row.says;
    switch (row.kind) {
      case figure_kind::now: s.gauge(name, number, of.by, says); break;
      case figure_kind::count:
        s.counter(name + "_total", number, of.by, says + " Since local midnight.");
        break;
      case figure_kind::seconds:
        s.gauge(name.substr(0, name.size() - 2) + "_seconds", number, of.by, says);
        break;
      case figure_kind::share:
        s.gauge(name + "_ratio", number, of.by, says + " From 0 to 1, since local midnight.");
        break;
    }
  }
}

void add_states(sheet& s, const value* states, const scope_names& of) {
  const auto* all = states ? states->as<value::map>() : nullptr;
  if (!all)
    return;
  for (const auto& [state, n] : *all) {
    auto with = of.by;
    with.push_back({"state", state});
    s.gauge(of.prefix + "agents", n.to_double(), with, of.says + "Agents by the state they show.");
  }
}

void add_board(sheet& s, const value& board) {
  add_figures(s, board.find("centre"), {});
  add_states(s, board.find("agents"), {});
  for (const auto& [group, label] :
       {std::pair{"channels", "channel"}, std::pair{"queues", "queue"}})
    if (const auto* all = board.find(group); all && all->is_map())
      for (const auto& [name, figures] : *all->as<value::map>()) {
        const scope_names of{std::string{"careline_"} + label + "_",
                             std::string{"Of each "} + label + ": ",
                             {{label, name}}};
        add_figures(s, &figures, of);
        add_states(s, figures.find("agents"), of);
      }
}

double as_double(std::uint64_t n) {
  return static_cast<double>(n);
}

void add_commands(sheet& s, const metrics_input& from) {
  if (from.commands)
    for (const auto& [key, n] : *from.commands)
      s.counter("careline_commands_total", as_double(n),
                {{"outcome", key.first}, {"problem", key.second}},
                "Commands answered, by outcome and problem.");
  if (from.commands_in_flight)
    s.gauge("careline_commands_in_flight", as_double(*from.commands_in_flight), {},
            "Commands taken and not yet answered.");
  if (from.safety_handed_over)
    s.counter("careline_safety_handed_over_total", as_double(*from.safety_handed_over), {},
              "Safety contacts handed over without an event: the log could not take one.");
  if (from.slow_handlers)
    s.counter("careline_slow_handlers_total", as_double(*from.slow_handlers), {},
              "Handlers that took longer than 50 ms.");
}

void add_bus(sheet& s, const gateway::bus::bus_figures& b, position head) {
  s.gauge("careline_bus_lag_events", as_double(head - std::min(head, b.published_at)), {},
          "Durable events that the bus has not published yet.");
  const auto count = [&](const char* name, std::uint64_t n, const char* says) {
    s.counter(std::string{"careline_bus_"} + name + "_total", as_double(n), {}, says);
  };
  count("commands", b.commands, "Messages that came in on the command socket.");
  count("replies", b.replies, "Replies sent.");
  count("malformed", b.malformed, "Messages that could not be read, answered invalid.");
  count("too_large", b.too_large, "Messages above 64 KiB, answered invalid.");
  count("dropped_connections", b.dropped_connections, "Connections dropped for their frames.");
  count("refused_connections", b.refused_connections,
        "Connections not let in: without a key, or with one that nobody has.");
  count("refused_commands", b.refused_commands,
        "Commands refused for want of a right, or under another client's name.");
  count("refused_topics", b.refused_topics, "Subscriptions to what the client may not see.");
  count("unroutable", b.unroutable, "Replies whose client had gone.");
  count("replies_unread", b.unread, "Replies dropped: the client does not take what it asked for.");
  count("events", b.events, "Events published.");
  count("slow_subscribers", b.slow_subscribers,
        "Subscribers disconnected because too much waited for them.");
  count("events_skipped", b.events_skipped, "Events left out for want of room; read from the log.");
  for (const auto& [name, n] : {std::pair{"commands", b.command_connections},
                                std::pair{"events", b.event_connections}})
    s.gauge("careline_bus_connections", as_double(n), {{"socket", name}},
            "Connections over the network that are open, by socket.");
  s.gauge("careline_bus_outbound_queued", as_double(b.outbound_queued), {},
          "Replies and events that wait for the socket.");
}

void add_http(sheet& s, const gateway::http::http_figures& h) {
  s.counter("careline_http_requests_total", as_double(h.requests), {}, "HTTP requests.");
  s.counter("careline_http_refused_total", as_double(h.refused), {}, "HTTP requests refused.");
  s.counter("careline_http_fallbacks_total", as_double(h.fallbacks), {},
            "Slow pages that were sent the whole board instead of each change.");
  for (const auto& [why, n] : {std::pair{"too_many", h.too_many},
                               std::pair{"slow_request", h.slow_requests},
                               std::pair{"slow_reader", h.slow_readers}})
    s.counter("careline_http_ended_total", as_double(n), {{"reason", why}},
              "Connections ended for the sake of the others.");
  s.gauge("careline_http_connections", as_double(h.connections), {}, "Connections open.");
  s.gauge("careline_http_connections_max", as_double(h.connections_max), {},
          "Above so many, new ones are turned away.");
  s.gauge("careline_http_desks", as_double(h.desks), {}, "Desks that hear what happens to whom.");
  s.gauge("careline_http_pages", as_double(h.pages), {}, "Pages that follow the board.");
}

void add_log(sheet& s, const metrics_input& from) {
  s.gauge("careline_log_head", as_double(from.head), {}, "Last durable position.");
  s.gauge("careline_board_lag_events", as_double(from.head - std::min(from.head, from.board_at)),
          {}, "Durable events that the board has not taken in yet.");
  if (from.room_bytes)
    s.gauge("careline_log_room_bytes", static_cast<double>(*from.room_bytes), {},
            "Room for events until opening is refused; negative below the reserve.");
  if (from.disk_level)
    s.gauge("careline_log_disk_level", static_cast<double>(*from.disk_level), {},
            "0 ok, 1 warning, 2 alarm, 3 full.");
  if (from.writer) {
    const auto& w = *from.writer;
    s.counter("careline_log_commits_total", as_double(w.commits), {}, "Synced transactions.");
    s.counter("careline_log_events_total", as_double(w.events), {}, "Events made durable.");
    s.gauge("careline_log_queued_batches", as_double(w.queued), {},
            "Batches that wait for a commit.");
    s.gauge("careline_log_commit_running_seconds", as_double(w.running_us) / 1e6, {},
            "How long the commit that runs now has taken; 0: none does.");
    s.gauge("careline_log_commit_seconds", as_double(w.mean_commit_us) / 1e6, {},
            "Duration of a commit with its sync, moving average.");
  }
  if (from.snapshots)
    s.counter("careline_snapshots_total", as_double(*from.snapshots), {}, "Snapshots written.");
  if (from.snapshot_failures)
    s.counter("careline_snapshot_failures_total", as_double(*from.snapshot_failures), {},
              "Times that snapshots were due and not all were written.");
  if (from.snapshot_at)
    s.gauge("careline_snapshot_age_events", as_double(from.head - std::min(from.head,
                                                                           *from.snapshot_at)),
            {}, "Events since the newest snapshots: what a start has to read.");
  if (from.parts_compared)
    s.counter("careline_snapshot_parts_compared_total", as_double(*from.parts_compared), {},
              "Parts of live models compared with a fold of the log.");
  if (from.state_differences)
    s.counter("careline_snapshot_differences_total", as_double(*from.state_differences), {},
              "Times that a live model was not what the log says.");
}

void add_log_files(sheet& s, const metrics_input& from) {
  if (from.reserve_bytes)
    s.gauge("careline_log_reserve_bytes", static_cast<double>(*from.reserve_bytes), {},
            "Kept back so that what is open can be ended.");
  if (!from.log)
    return;
  const auto& l = *from.log;
  s.gauge("careline_log_used_bytes", as_double(l.used_bytes), {}, "What the log takes.");
  s.gauge("careline_log_budget_bytes", as_double(l.room.budget), {},
          "The most it may take, by the configuration and the disk.");
  s.gauge("careline_log_full_ratio", l.room.full(), {},
          "Used of the budget without the reserve; at 1 opening is refused.");
  s.gauge("careline_log_disk_free_bytes", as_double(l.disk_free_bytes), {},
          "Free on the disk that the log lies on.");
  s.gauge("careline_log_reader_slots", as_double(l.reader_slots), {},
          "Slots taken by readers of the log, those of other processes too.");
  s.gauge("careline_log_reader_slots_max", as_double(l.reader_slots_max), {}, "Slots there are.");
  s.gauge("careline_log_oldest_read_commits", as_double(l.oldest_read_commits), {},
          "Commits since the oldest read began that is still open: it keeps freed room from use.");
}

void add_parts(sheet& s, const metrics_input& from) {
  for (const auto& a : from.actors) {
    const labels who{{"actor", a.name}};
    s.gauge("careline_actor_mailbox_messages", as_double(a.waiting), who,
            "Messages that waited when the actor answered the last pulse.");
    s.gauge("careline_actor_delay_seconds", static_cast<double>(a.delay.count()) / 1e9, who,
            "How long the last pulse waited for the actor, or has waited so far.");
  }
  if (from.deliveries_waiting)
    s.gauge("careline_board_deliveries_waiting", as_double(*from.deliveries_waiting), {},
            "Groups of events that wait for the board.");
  if (from.silent_parts)
    s.gauge("careline_silent_parts", as_double(*from.silent_parts), {},
            "Main parts that gave no sign of life.");
}

void add_process(sheet& s, const metrics_input& from) {
  const auto& p = from.process;
  s.gauge("careline_ready", from.ready ? 1 : 0, {}, "1 while /readyz says that it is ready.");
  s.gauge("careline_engine_time_seconds", from.engine_time_s, {}, "Engine time since 1970.");
  if (from.clock_difference_s)
    s.gauge("careline_clock_difference_seconds", *from.clock_difference_s, {},
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
  if (from.bus)
    add_bus(s, *from.bus, from.head);
  if (from.http)
    add_http(s, *from.http);
  add_log(s, from);
  add_log_files(s, from);
  add_parts(s, from);
  add_process(s, from);
  return s.text();
}

} // namespace careline::program
