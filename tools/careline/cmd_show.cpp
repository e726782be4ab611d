#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

using side = text_table::side;

std::string queues_table(const value& answer) {
  if (list_in(answer, "queues").empty())
    return "There are no queues yet. \"careline send queue.define queue=NAME\" makes one.\n";
  text_table table{{{"queue"}, {"waiting", side::right}, {"agents", side::right},
                    {"longest wait", side::right}, {"wait told", side::right}, {"strategy"}}};
  for (const auto& q : list_in(answer, "queues"))
    table.add({word(q, "queue"), word(q, "length"), word(q, "agents"), seconds(q, "longest_wait_s"),
               seconds(q, "wait_s"), word(q, "strategy")});
  return table.text();
}

std::string queue_table(const value& q) {
  auto out = fmt::format("{}: {} waiting, {} agents signed in, {}", word(q, "queue"),
                         word(q, "length"), word(q, "agents"), word(q, "strategy"));
  if (q.find("longest_wait_s"))
    out += ", longest wait " + seconds(q, "longest_wait_s");
  if (q.find("wait_s"))
    out += ", wait told " + seconds(q, "wait_s");
  out += "\n";
  const auto& waiting = list_in(q, "waiting");
  if (waiting.empty())
    return out;
  std::vector<text_table::column> columns{{"place", side::right}, {"contact"}, {"channel"},
                                          {"age", side::right},   {"urgency", side::right},
                                          {"state"}};
  // Only where the queue gives numbers.
  const bool has_tickets = std::any_of(waiting.begin(), waiting.end(),
                                       [](const value& c) { return c.find("ticket") != nullptr; });
  if (has_tickets)
    columns.push_back({"ticket"});
  text_table table{std::move(columns)};
  for (const auto& c : waiting) {
    std::vector<std::string> cells{word(c, "queue_position"), word(c, "contact"),
                                   word(c, "channel"),        seconds(c, "age_s"),
                                   word(c, "urgency"),        word(c, "state")};
    if (has_tickets)
      cells.push_back(word(c, "ticket"));
    table.add(std::move(cells));
  }
  out += table.text();
  if (const auto more = q.int_or("length", 0) - static_cast<std::int64_t>(waiting.size()); more > 0)
    out += fmt::format("and {} more; --limit shows more of them\n", more);
  return out;
}

std::string contacts_of(const value& agent) {
  std::string out;
  for (const auto& on : list_in(agent, "contacts"))
    out += (out.empty() ? "" : ", ") + word(on, "contact")
           + (on.find("ticket") ? " (" + word(on, "ticket") + ")" : "");
  return out.empty() ? "-" : out;
}

std::string agents_table(const value& answer) {
  if (list_in(answer, "agents").empty())
    return "No agent has signed in yet. \"careline send agent.sign_in agent=NAME\" brings one.\n";
  text_table table{{{"agent"}, {"state"}, {"reason"}, {"finished", side::right}, {"contacts"}}};
  for (const auto& a : list_in(answer, "agents"))
    table.add({word(a, "agent"), word(a, "state"), word(a, "reason"), word(a, "finished"),
               contacts_of(a)});
  return table.text();
}

/// "zh 5, vip 2"; text that is no map as it is.
std::string pairs_of(const value& of, std::string_view key) {
  const auto* item = of.find(key);
  const auto* all = item ? item->as<value::map>() : nullptr;
  if (!all)
    return word(of, key);
  std::string out;
  for (const auto& [name, n] : *all)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", printable(name), word(*item, name));
  return out.empty() ? "-" : out;
}

std::string agent_table(const value& a) {
  text_table table{{{"what"}, {"is"}}};
  for (const auto* key : {"agent", "state", "reason", "skills", "channels", "queues", "free",
                          "finished", "misses", "idle_since", "rests_until"})
    if (a.find(key))
      table.add({key, pairs_of(a, key)});
  table.add({"contacts", contacts_of(a)});
  return table.text();
}

/// The event's words beside its type: who, where, why.
std::string about(const value& event) {
  const auto& data = map_in(event, "data");
  std::string out;
  for (const auto* key : {"agent", "queue", "queue_position", "wait_s", "reason", "to", "state",
                          "result", "urgency", "disposition", "score", "ticket", "counter"})
    if (data.find(key))
      out += fmt::format("{}{}={}", out.empty() ? "" : "  ", key, word(data, key));
  return out;
}

std::string contact_table(const value& c) {
  auto out = fmt::format("{}: {}", word(c, "contact"),
                         word(c, c.find("ended_as") ? "ended_as" : "state"));
  for (const auto* key : {"channel", "queue", "agent", "urgency", "ticket"})
    if (c.find(key))
      out += fmt::format(", {} {}", key, word(c, key));
  if (c.find("queue_position"))
    out += fmt::format(", place {}", word(c, "queue_position"));
  if (c.find("age_s"))
    out += ", age " + seconds(c, "age_s");
  out += "\n";
  text_table table{{{"position", side::right}, {"time"}, {"event"}, {""}}};
  for (const auto& e : list_in(c, "timeline"))
    table.add({word(e, "position"), word(e, "time"), word(e, "type"), about(e)});
  return list_in(c, "timeline").empty() ? out : out + table.text();
}

/// What concerns people who come in person, and what was promised; nothing where there is neither.
std::string hall_lines(const value& board) {
  std::string out;
  for (const auto& [name, area] : *map_in(board, "areas").as<value::map>())
    out += fmt::format("area {}: {}, {}, queue {}\n", printable(name), word(area, "kind"),
                       word(area, "open") == "true" ? "open" : "closed", word(area, "queue"));
  for (const auto& [prefix, calls] : *map_in(board, "tickets").as<value::map>()) {
    out += fmt::format("tickets {}:", printable(prefix));
    for (const auto& call : *calls.as<value::list>())
      out += fmt::format(" {} at {}", word(call, "ticket"), word(call, "counter"));
    out += "\n";
  }
  if (const auto& promised = map_in(board, "promises"); promised.find("open"))
    out += fmt::format("promises: {} open, {} broken{}\n", word(promised, "open"),
                       word(promised, "broken"),
                       promised.find("next_due") ? ", next due " + word(promised, "next_due") : "");
  return out;
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
  for (const auto& [name, figures] : *map_in(board, "queues").as<value::map>())
    add(name, figures);
  if (const auto* centre = board.find("centre"))
    add("(centre)", *centre);
  auto out = table.text();
  std::string agents;
  for (const auto& [state, n] : *map_in(board, "agents").as<value::map>())
    agents += fmt::format("{}{} {}", agents.empty() ? "" : ", ", to_json(n), state);
  if (!agents.empty())
    out += "agents: " + agents + "\n";
  out += hall_lines(board);
  return out + fmt::format("as of {}, position {}\n", word(board, "time"), word(board, "position"));
}

std::string promises_table(const value& answer) {
  text_table table{{{"promise"}, {"kind"}, {"contact"}, {"owner"}, {"state"}, {"due"},
                    {"left", side::right}}};
  for (const auto& p : list_in(answer, "promises"))
    table.add({word(p, "promise"), word(p, "kind"), word(p, "contact"), word(p, "owner"),
               word(p, "state"), word(p, "due"),
               p.find("late_s") ? "late by " + seconds(p, "late_s") : seconds(p, "left_s")});
  const auto sum = fmt::format("{} open, {} broken\n", word(answer, "open"),
                               word(answer, "broken"));
  return list_in(answer, "promises").empty() ? sum : table.text() + sum;
}

std::string promise_table(const value& p) {
  text_table table{{{"what"}, {"is"}}};
  for (const auto* key : {"promise", "kind", "contact", "owner", "lead", "state", "due", "left_s",
                          "late_s", "kept"})
    if (p.find(key))
      table.add({key, word(p, key)});
  return table.text();
}

/// What is asked for in pages: the list in the answer, and what names an item of it.
struct paged {
  std::string_view list;  ///< empty: the answer comes in one piece
  std::string_view item;
};

constexpr std::uint64_t shown_max = 1'000'000;
constexpr std::uint64_t shown_usual = 100;

/// What can be shown: the question with and without an id, and how its answer reads.
struct shown_thing {
  std::string_view name;
  std::string_view id_key;  ///< of the question with an id
  std::string_view one;
  std::string_view all;     ///< the question without; empty: an id is needed
  std::string (*one_text)(const value&);
  std::string (*all_text)(const value&);
  paged one_pages;
  paged all_pages;
  std::uint64_t all_limit;  ///< when nobody says how many
};
constexpr std::array things{
    shown_thing{"queue", "queue", "queue.show", "queue.list", &queue_table, &queues_table,
                {"waiting", "contact"}, {"queues", "queue"}, shown_max},
    shown_thing{"agent", "agent", "agent.show", "agent.list", &agent_table, &agents_table, {},
                {"agents", "agent"}, shown_usual},
    shown_thing{"contact", "contact", "contact.show", "", &contact_table, nullptr, {}, {}, 0},
    shown_thing{"promise", "promise", "promise.show", "promise.list", &promise_table,
                &promises_table, {}, {"promises", "promise"}, shown_usual},
    shown_thing{"board", "queue", "board.show", "board.show", &board_table, &board_table, {}, {},
                0},
};

struct show_request {
  engine_place engine;
  past_place past;
  std::string what;
  std::string id;
  std::optional<std::uint64_t> limit;
  bool json = false;
};

/// Asks page after page until there are `limit` of the list or no more.
std::optional<value> ask_in_pages(asking& engine, std::string_view type, value data,
                                  const paged& as, std::uint64_t limit) {
  constexpr std::uint64_t page_max = 1000;
  value::list all;
  for (;;) {
    const auto page = std::min(page_max, limit - all.size());
    data.set("limit", value{page});
    auto answer = engine.query(type, data);
    if (!answer)
      return std::nullopt;
    const auto& got = list_in(*answer, as.list);
    all.insert(all.end(), got.begin(), got.end());
    const bool is_last = got.size() < page && !answer->find("next");
    if (is_last || all.size() >= limit) {
      answer->set(as.list, std::move(all));
      return answer;
    }
    data.set("after", std::string{got.back().text_or(as.item)});
  }
}

int show(const shown_thing& thing, const show_request& asked) {
  const bool one = !asked.id.empty();
  if (!one && thing.all.empty()) {
    complain(fmt::format("show {}: say which one, by its id", thing.name));
    return exit_code::wrong_usage;
  }
  value data{value::map{}};
  if (one)
    data.set(thing.id_key, asked.id);
  auto engine = asking::open(asked.engine, asked.past, "careline-show");
  if (!engine)
    return engine.error();
  const auto type = one ? thing.one : thing.all;
  const auto& pages = one ? thing.one_pages : thing.all_pages;
  const auto limit = asked.limit.value_or(one ? shown_usual : thing.all_limit);
  const auto answer = pages.list.empty()
                          ? engine->query(type, std::move(data))
                          : ask_in_pages(*engine, type, std::move(data), pages, limit);
  if (!answer)
    return exit_code::work_failed;
  const auto text = asked.json ? to_json(*answer) + "\n"
                               : (one ? thing.one_text : thing.all_text)(*answer);
  return print(text) ? exit_code::done : exit_code::work_failed;
}

} // namespace

int show_main(int argc, char** argv) {
  auto app = make_app("show",
                      "Shows queues, agents, a contact with its timeline, promises, or the board.",
                      {"careline show queue", "careline show queue care",
                       "careline show contact C-1", "careline show promise",
                       "careline show board --json",
                       "careline show queue care --as-of 2026-03-02T09:00:00+08:00"});
  show_request asked;
  app.add_option("WHAT", asked.what, "queue, agent, contact, promise or board")->required();
  app.add_option("ID", asked.id, "which one; without: all of them. Of the board: a queue");
  app.add_option("--limit", asked.limit,
                 "of a queue's line, the agents or the promises at most so many [100], or of the "
                 "queues [all]")
      ->check(CLI::Range(std::uint64_t{1}, shown_max));
  app.add_flag("--json", asked.json, "as one JSON object");
  add_engine_flags(app, asked.engine);
  add_past_flags(app, asked.past);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  std::vector<std::string_view> names;
  for (const auto& thing : things) {
    if (thing.name == asked.what)
      return show(thing, asked);
    names.push_back(thing.name);
  }
  complain(fmt::format("show: there is no \"{}\" to show, but queue, agent, contact, "
                       "promise and board.{}",
                       printable(asked.what.substr(0, 64)), suggestion(asked.what, names)));
  return exit_code::wrong_usage;
}

} // namespace careline::program
