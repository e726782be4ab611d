#include <array>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"

namespace careline::program {

namespace {

using side = text_table::side;

std::string word(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  if (!item || item->is_nil())
    return "-";
  return item->is_text() ? printable(*item->as<std::string>()) : to_json(*item);
}

std::string seconds(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  return item && item->is_number() ? fmt::format("{:.0f} s", item->to_double()) : "-";
}

std::string percent(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  return item && item->is_number() ? fmt::format("{:.1f} %", item->to_double() * 100) : "-";
}

const value::list& list_in(const value& of, std::string_view key) {
  static const value::list none;
  const auto* item = of.find(key);
  const auto* all = item ? item->as<value::list>() : nullptr;
  return all ? *all : none;
}

std::string queues_table(const value& answer) {
  text_table table{{{"queue"}, {"length", side::right}, {"agents", side::right},
                    {"longest wait", side::right}, {"wait told", side::right}, {"strategy"}}};
  for (const auto& q : list_in(answer, "queues"))
    table.add({word(q, "queue"), word(q, "length"), word(q, "agents"), seconds(q, "longest_wait_s"),
               seconds(q, "wait_s"), word(q, "strategy")});
  return table.text();
}

std::string queue_table(const value& q) {
  auto out = fmt::format("{}: {} in line, {} agents, longest wait {}, told {}\n", word(q, "queue"),
                         word(q, "length"), word(q, "agents"), seconds(q, "longest_wait_s"),
                         seconds(q, "wait_s"));
  text_table table{{{"place", side::right}, {"contact"}, {"channel"}, {"age", side::right},
                    {"urgency", side::right}, {"state"}}};
  for (const auto& c : list_in(q, "waiting"))
    table.add({word(c, "queue_position"), word(c, "contact"), word(c, "channel"),
               seconds(c, "age_s"), word(c, "urgency"), word(c, "state")});
  return list_in(q, "waiting").empty() ? out : out + table.text();
}

std::string contacts_of(const value& agent) {
  std::string out;
  for (const auto& on : list_in(agent, "contacts"))
    out += (out.empty() ? "" : ", ") + word(on, "contact");
  return out.empty() ? "-" : out;
}

std::string agents_table(const value& answer) {
  text_table table{{{"agent"}, {"state"}, {"reason"}, {"finished", side::right}, {"contacts"}}};
  for (const auto& a : list_in(answer, "agents"))
    table.add({word(a, "agent"), word(a, "state"), word(a, "reason"), word(a, "finished"),
               contacts_of(a)});
  return table.text();
}

std::string agent_table(const value& a) {
  text_table table{{{"what"}, {"is"}}};
  for (const auto* key : {"agent", "state", "reason", "skills", "channels", "queues", "free",
                          "finished", "misses", "idle_since"})
    if (a.find(key))
      table.add({key, word(a, key)});
  table.add({"contacts", contacts_of(a)});
  return table.text();
}

/// The event's words beside its type: who, where, why.
std::string about(const value& event) {
  const auto* data = event.find("data");
  std::string out;
  if (data)
    for (const auto* key : {"agent", "queue", "queue_position", "reason", "to", "state", "result"})
      if (data->find(key))
        out += fmt::format("{}{}={}", out.empty() ? "" : "  ", key, word(*data, key));
  return out;
}

std::string contact_table(const value& c) {
  auto out = fmt::format("{}: {}", word(c, "contact"), word(c, "state"));
  for (const auto* key : {"ended_as", "channel", "queue", "queue_position", "agent", "urgency"})
    if (c.find(key))
      out += fmt::format(", {} {}", key, word(c, key));
  if (c.find("age_s"))
    out += ", age " + seconds(c, "age_s");
  out += "\n";
  text_table table{{{"position", side::right}, {"time"}, {"event"}, {""}}};
  for (const auto& e : list_in(c, "timeline"))
    table.add({word(e, "position"), word(e, "time"), word(e, "type"), about(e)});
  return list_in(c, "timeline").empty() ? out : out + table.text();
}

std::string board_table(const value& board) {
  text_table table{{{"queue"}, {"waiting", side::right}, {"oldest", side::right},
                    {"in progress", side::right}, {"answered", side::right},
                    {"abandoned", side::right}, {"asa", side::right}, {"sl_late", side::right}}};
  const auto add = [&](const std::string& name, const value& f) {
    table.add({name, word(f, "waiting"), seconds(f, "oldest_waiting_s"), word(f, "in_progress"),
               word(f, "answered"), word(f, "abandoned"), seconds(f, "asa_s"),
               percent(f, "sl_late")});
  };
  if (const auto* queues = board.find("queues"); queues && queues->is_map())
    for (const auto& [name, figures] : *queues->as<value::map>())
      add(printable(name), figures);
  if (const auto* centre = board.find("centre"))
    add("(centre)", *centre);
  std::string agents;
  if (const auto* states = board.find("agents"); states && states->is_map())
    for (const auto& [state, n] : *states->as<value::map>())
      agents += fmt::format("{}{} {}", agents.empty() ? "" : ", ", to_json(n), state);
  return table.text() + (agents.empty() ? "" : "agents: " + agents + "\n")
         + fmt::format("as of {}, position {}\n", word(board, "time"), word(board, "position"));
}

/// What can be shown: the question with and without an id, and how its answer reads.
struct shown_thing {
  std::string_view name;
  std::string_view one;   ///< query with an id
  std::string_view all;   ///< query without; empty: an id is needed
  std::string (*one_text)(const value&);
  std::string (*all_text)(const value&);
};
constexpr std::array things{
    shown_thing{"queue", "queue.show", "queue.list", &queue_table, &queues_table},
    shown_thing{"agent", "agent.show", "agent.list", &agent_table, &agents_table},
    shown_thing{"contact", "contact.show", "", &contact_table, nullptr},
    shown_thing{"board", "board.show", "board.show", nullptr, &board_table},
};

// --- why -----------------------------------------------------------------------------------------

std::string_view tie_sentence(std::string_view tie_break) {
  if (tie_break == "only")
    return "nobody else could take it";
  if (tie_break == "tier")
    return "of the nearest tier";
  if (tie_break == "missed")
    return "the next had missed or declined it before";
  if (tie_break == "strategy")
    return "first by the queue's strategy";
  return "equal by the strategy, first to have signed in";
}

std::string decision_sentence(const value& row) {
  static const value nothing{value::map{}};
  const auto* found = row.find("decision");
  const auto& d = found ? *found : nothing;
  auto out = fmt::format("{}  offer {} to {} (queue {}, position {})\n", word(row, "time"),
                         word(row, "number"), word(row, "agent"), word(row, "queue"),
                         word(row, "position"));
  out += fmt::format("    {}: {}; {} signed in for it, {} not away, {} ready\n", word(d, "strategy"),
                     tie_sentence(d.text_or("tie_break")), word(d, "signed_in"),
                     word(d, "eligible"), word(d, "ready"));
  for (const auto& c : list_in(d, "best"))
    out += fmt::format("    {} tier {} score {}{}\n", word(c, "agent"), word(c, "tier"),
                       word(c, "score"), c.find("missed") ? ", missed it before" : "");
  return out;
}

std::string why_text(const value& c) {
  auto out = fmt::format("{}: {}", word(c, "contact"), word(c, "state"));
  if (c.find("agent"))
    out += " with " + word(c, "agent");
  out += "\n";
  if (list_in(c, "decisions").empty())
    return out + "No agent was offered it yet.\n";
  for (const auto& row : list_in(c, "decisions"))
    out += decision_sentence(row);
  return out;
}

int show(const engine_place& place, std::string_view type, value data, bool json,
         std::string (*text)(const value&)) {
  auto engine = asking::open(place, "careline-show");
  if (!engine)
    return exit_code::wrong_usage;
  const auto answer = engine->query(type, std::move(data));
  if (!answer)
    return exit_code::work_failed;
  return print(json || !text ? to_json(*answer) + "\n" : text(*answer)) ? exit_code::done
                                                                       : exit_code::work_failed;
}

} // namespace

int show_main(int argc, char** argv) {
  auto app = make_app("show", "Shows queues, agents, a contact with its timeline, or the board.");
  engine_place place;
  std::string what;
  std::string id;
  bool json = false;
  app.add_option("WHAT", what, "queue, agent, contact or board")
      ->required()
      ->check(CLI::IsMember({"queue", "agent", "contact", "board"}));
  app.add_option("ID", id, "which one; without: all of them");
  app.add_flag("--json", json, "as one JSON object");
  add_engine_flags(app, place);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  for (const auto& thing : things) {
    if (thing.name != what)
      continue;
    if (id.empty() && thing.all.empty()) {
      complain(fmt::format("show {}: say which one", what));
      return exit_code::wrong_usage;
    }
    value data{value::map{}};
    const bool one = !id.empty() && thing.one_text;
    if (one)
      data.set(thing.name, id);
    return show(place, one ? thing.one : thing.all, std::move(data), json,
                one ? thing.one_text : thing.all_text);
  }
  return exit_code::wrong_usage;
}

int why_main(int argc, char** argv) {
  auto app = make_app("why", "Tells each routing decision about a contact, and its reasons.");
  engine_place place;
  std::vector<std::string> words;
  bool json = false;
  app.add_option("CONTACT", words, "the contact's id")->required()->expected(1, 2);
  app.add_flag("--json", json, "as one JSON object");
  add_engine_flags(app, place);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (words.size() == 2 && words.front() != "contact") {
    complain("why: only a contact has routing decisions");
    return exit_code::wrong_usage;
  }
  value data{value::map{}};
  data.set("contact", words.back());
  return show(place, "why.contact", std::move(data), json, &why_text);
}

} // namespace careline::program
