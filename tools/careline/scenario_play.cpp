#include "tools/careline/scenario_play.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "actors/desks.hpp"
#include "actors/kernel/session_model.hpp"
#include "actors/routing/model.hpp"
#include "messages/codec.hpp"
#include "messages/json.hpp"
#include "tools/careline/scenario_log.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

struct virtual_centre::parts {
  parts(kernel::virtual_options options, listener to, reception::reception_policy policy,
        bool keeps_log)
      : desk{std::move(policy)}, log{keeps_log},
        engine{std::move(options),
               {&desk, &matching, &leases, &figures, lent(desks),
                [this](const command& query, answer<value> told) {
                  return log.complete(query, std::move(told));
                }},
               [this, tell = std::move(to)](const kernel::logged_event& e) {
                 log.take(e);
                 folk.saw(e.what, e.time);
                 if (tell)
                   tell(e);
               }} {}

  reception::reception_model desk;
  routing::routing_model matching;
  kernel::session_model leases;
  board::board_model figures;
  std::vector<kernel::desk> desks = make_desks();
  people folk;
  scenario_log log;
  refusal_listener refused;
  kernel::virtual_kernel engine;
};

virtual_centre::virtual_centre(kernel::virtual_options options, listener to,
                               reception::reception_policy desk, bool keeps_log) {
  options.size_of = [](const value& v) { return pack(v).size(); };
  parts_ = std::make_unique<parts>(std::move(options), std::move(to), std::move(desk), keeps_log);
}

virtual_centre::~virtual_centre() = default;

kernel::virtual_kernel& virtual_centre::engine() {
  return parts_->engine;
}

people& virtual_centre::folk() {
  return parts_->folk;
}

const board::board_model& virtual_centre::board() const {
  return parts_->figures;
}

void virtual_centre::on_refusal(refusal_listener to) {
  parts_->refused = std::move(to);
}

/// Answers first: a timer of the same instant fires inside their turn, before the answer.
bool virtual_centre::one_deed(instant until) {
  auto& folk = parts_->folk;
  auto& engine = parts_->engine;
  const auto answer = folk.next();
  const auto timer = engine.wakes_at();
  if (answer && *answer <= until && (!timer || *answer <= *timer)) {
    const auto does = folk.take();
    const auto told = engine.submit(does.what, does.by, *answer);
    if (const auto* back = std::get_if<reception::contact_open>(&does.what))
      folk.not_arrived(back->contact);
    if (told.why && parts_->refused)
      parts_->refused(*answer, does, *told.why);
    return true;
  }
  if (timer && *timer <= until) {
    engine.advance_to(*timer);
    return true;
  }
  return false;
}

void virtual_centre::run_before(instant at) {
  for (;;) {
    if (const auto answer = parts_->folk.next(); answer && *answer <= at) {
      one_deed(at);
      continue;
    }
    if (const auto timer = parts_->engine.wakes_at(); timer && *timer < at) {
      one_deed(*timer);
      continue;
    }
    return;
  }
}

void virtual_centre::run_until(instant until) {
  while (one_deed(until)) {
  }
}

namespace {

std::string zone_name(int offset_minutes) {
  if (offset_minutes == 480)
    return "Asia/Shanghai";
  const int size = std::abs(offset_minutes);
  return fmt::format("{}{:02}:{:02}", offset_minutes < 0 ? '-' : '+', size / 60, size % 60);
}

/// Plays the lines of one scenario in a centre.
class player {
public:
  player(const scenario& what, const play_listener& to, virtual_centre& in)
      : what_(what), to_(to), centre_(in) {}

  void play_line(const scenario_line& line) {
    const auto c = read_command(line.type, line.data.is_nil() ? value{value::map{}} : line.data);
    const auto before = c ? introduce(line, *c) : std::nullopt;
    const auto told = submit(line, c);
    const auto now = centre_.engine().now();
    if (c)
      settle(line, *c, told, before);
    if (told.why) {
      if (to_.refused)
        to_.refused(now, line, *told.why);
    } else if (c && is_query(*c) && to_.answered) {
      to_.answered(now, line, told.data);
    }
  }

private:
  reply submit(const scenario_line& line, const answer<command>& c) {
    if (c && line.id.empty() && !is_query(*c))
      return centre_.engine().submit(*c, line.source, line.at);
    command_envelope e;
    e.id = line.id;
    e.type = line.type;
    e.source = line.source;
    e.data = line.data;
    return centre_.engine().submit(e, line.at);
  }

  static agent_id agent_of(const command& c) {
    if (const auto* in = std::get_if<routing::agent_sign_in>(&c))
      return in->agent;
    if (const auto* state = std::get_if<routing::agent_set_state>(&c))
      return state->agent;
    if (const auto* change = std::get_if<routing::agent_change>(&c))
      return change->agent;
    if (const auto* done = std::get_if<routing::agent_finish_wrap_up>(&c))
      return done->agent;
    return {};
  }

  /// The people of a line are there before its command: offers may follow in the same step.
  /// Returns how the agent behaved until now.
  std::optional<agent_manner> introduce(const scenario_line& line, const command& c) {
    if (const auto* open = std::get_if<reception::contact_open>(&c)) {
      if (auto how = line.contact) {
        how->takes_calls = !what_.dialled.contains(open->contact);
        centre_.folk().arriving(*open, *how);
      }
      return {};
    }
    const auto who = agent_of(c);
    if (who.empty())
      return {};
    std::optional<agent_manner> before;
    const auto* known = centre_.folk().manner_of(who);
    if (known)
      before = *known;
    if (line.agent)
      centre_.folk().behave(who, *line.agent);
    else if (!known && line.type == "agent.sign_in" && !what_.answering_agents.contains(who))
      centre_.folk().behave(who, {});
    return before;
  }

  /// Nobody behaves as a line says that came to nothing.
  void settle(const scenario_line& line, const command& c, const reply& told,
              const std::optional<agent_manner>& before) {
    if (const auto* open = std::get_if<reception::contact_open>(&c); open && line.contact)
      centre_.folk().not_arrived(open->contact);
    if (!told.why)
      return;
    const auto who = agent_of(c);
    if (before)
      centre_.folk().behave(who, *before);
    else if (!who.empty())
      centre_.folk().leave_alone(who);
  }

  const scenario& what_;
  const play_listener& to_;
  virtual_centre& centre_;
};

} // namespace

instant play(virtual_centre& centre, std::vector<cue> cues) {
  progress_bar bar{"calls"};
  std::uint64_t did = 0;
  const auto all = cues.size();
  const auto last = cues.back().at;
  for (auto& c : cues) {
    centre.run_before(c.at);
    if (const auto* in = std::get_if<routing::agent_sign_in>(&c.what); in && c.agent)
      centre.folk().behave(in->agent, *c.agent);
    if (const auto* open = std::get_if<reception::contact_open>(&c.what); open && c.contact)
      centre.folk().arriving(*open, *c.contact);
    centre.engine().submit(c.what, "call-log", c.at);
    bar.show(++did, all);
  }
  centre.run_until(last + 6h);
  return centre.engine().now();
}

namespace {

/// A deed of people as a line, so that its refusal is told like one of the file's.
void tell_refused(const play_listener& to, instant at, const people::doing& does,
                  const problem& why) {
  value said{value::map{}};
  said.add("type", type_of(does.what));
  said.add("source", does.by);
  said.add("data", data_of(does.what, true));
  const auto text = to_json(said);
  scenario_line line;
  line.at = at;
  line.text = text;
  line.type = type_of(does.what);
  line.source = does.by;
  to.refused(at, line, why);
}

/// Whether the events have to be kept for a question.
bool asks_the_log(const scenario& what) {
  return std::any_of(what.lines.begin(), what.lines.end(), [](const scenario_line& line) {
    return line.type == query::log_read::type || line.type == query::contact_show::type
           || line.type == query::why_contact::type;
  });
}

} // namespace

played play(const scenario& what, std::optional<instant> until, const play_listener& to,
            reception::reception_policy desk) {
  kernel::virtual_options options;
  options.start = what.start;
  options.seed = what.seed;
  options.time_zone = zone_name(what.offset_minutes);
  options.offset_minutes = what.offset_minutes;
  played out;
  options.safety_place = desk.safety_place;
  out.centre = std::make_unique<virtual_centre>(options, to.event, std::move(desk),
                                                asks_the_log(what));
  if (to.refused)
    out.centre->on_refusal([&to](instant at, const people::doing& does, const problem& why) {
      tell_refused(to, at, does, why);
    });
  player by{what, to, *out.centre};
  const auto end = until && what.end ? std::min(*until, *what.end) : until ? until : what.end;
  auto last = what.start;
  for (const auto& line : what.lines) {
    if (end && line.at > *end)
      break;
    last = line.at;
    out.centre->run_before(line.at);
    by.play_line(line);
  }
  out.centre->run_until(end.value_or(last + scenario_tail));
  if (end)
    out.centre->engine().advance_to(*end);
  out.centre->on_refusal({});
  out.ended = out.centre->engine().now();
  return out;
}

} // namespace careline::program
