#include <algorithm>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tools/careline/access_words.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

struct asked {
  access_request of;
  std::vector<std::string> roles;
  std::string word;
  int points = 0;
};

bool is_in(const std::vector<std::string_view>& types, const std::string& word) {
  return std::ranges::find(types, word) != types.end();
}

std::string table_of(const value& told) {
  text_table clients{{{"client"}, {"keys", text_table::side::right}, {"roles"}}};
  for (const auto& row : list_in(told, "clients"))
    clients.add({word(row, "client"), word(row, "keys"), words(row, "roles")});
  text_table roles{{{"role"}, {"who"}, {"sends"}, {"sees"}}};
  for (const auto& row : list_in(told, "roles"))
    roles.add({word(row, "role"), word(row, "what"), words(row, "sends"), words(row, "sees")});
  return clients.text() + "\n" + roles.text();
}

std::string sentence_of_explained(const value& told, const std::string& asked_word) {
  const auto* allowed = told.find("allowed");
  const bool is_allowed = allowed && allowed->as<bool>() && *allowed->as<bool>();
  const auto client = word(told, "client");
  if (is_allowed)
    return fmt::format("yes: {} has {}, as {}\n", client, asked_word, word(told, "role"));
  const auto why = told.text_or("why");
  const auto because = why == "no_key"    ? "no key of it is accepted"
                       : why == "no_role" ? "it was granted no role"
                                          : "none of its roles has it";
  return fmt::format("no: {} of {}, {}; roles that have it: {}\n", asked_word, client, because,
                     words(told, "roles_that_may"));
}

int explain(const asked& what) {
  value data{value::map{{"client", what.of.client}}};
  if (is_in(command_types(), what.word))
    data.set("command", what.word);
  else if (is_in(event_types(), what.word))
    data.set("event", what.word);
  else {
    auto all = command_types();
    const auto events = event_types();
    all.insert(all.end(), events.begin(), events.end());
    complain(fmt::format("access: there is no command or event \"{}\".{}",
                         printable(what.word.substr(0, 64)), suggestion(what.word, all)));
    return exit_code::wrong_usage;
  }
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  const auto told = engine->query("access.explain", std::move(data));
  if (!told)
    return exit_code::work_failed;
  return print(what.of.json ? to_json(*told) + "\n" : sentence_of_explained(*told, what.word))
             ? exit_code::done
             : exit_code::work_failed;
}

int list(const asked& what) {
  return tell_list(what.of, "access.list", table_of);
}

/// Two persons: one asks for a role, for an hour; another allows it.
int ask_more(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return tell_change(*engine, what.of, "access.ask_more",
                     value{value::map{{"role", what.word}, {"reason", what.of.reason}}});
}

int allow_more(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return tell_change(*engine, what.of, "access.allow_more",
                     value{value::map{{"client", what.of.client},
                                      {"role", what.word},
                                      {"reason", what.of.reason}}});
}

int violation(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return tell_change(*engine, what.of, "access.record_violation",
                     value{value::map{{"client", what.of.client},
                                      {"points", what.points},
                                      {"kind", what.word}}});
}

int reinstate(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return tell_change(*engine, what.of, "access.reinstate",
                     value{value::map{{"client", what.of.client}, {"reason", what.of.reason}}});
}

int change(const asked& what, bool grants) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  if (grants)
    return grant_roles(*engine, what.of, what.roles);
  return tell_change(*engine, what.of, "access.revoke",
                     value{value::map{{"client", what.of.client}, {"reason", what.of.reason}}});
}

} // namespace

int access_main(int argc, char** argv) {
  auto app = make_app("access", "Says which client may do what, and changes it.",
                      {"careline access grant phone-1 gateway", "careline access list",
                       "careline access explain phone-1 contact.open",
                       "careline access revoke phone-1 --reason stolen"});
  app.require_subcommand(1);
  asked what;
  const auto add = [&](const char* name, const char* says) {
    auto* sub = app.add_subcommand(name, says);
    sub->add_flag("--json", what.of.json, "as JSON");
    add_access_flags(*sub, what.of);
    return sub;
  };
  auto* granted = add("grant", "gives a client these roles, in place of those that it has");
  granted->add_option("CLIENT", what.of.client, "the client")->required();
  granted->add_option("ROLE", what.roles, "the roles; none takes all away");
  auto* revoked = add("revoke", "takes all keys and roles of a client away, at once");
  revoked->add_option("CLIENT", what.of.client, "the client")->required();
  auto* listed = add("list", "clients with their roles, and what each role may do");
  listed->add_option("CLIENT", what.of.client, "one client");
  auto* explained = add("explain", "whether a client may send a command or see an event, and why");
  explained->add_option("CLIENT", what.of.client, "the client")->required();
  explained->add_option("WORD", what.word, "contact.open, contact.queued, …")->required();
  auto* asks = add("ask", "asks for a role for an hour; another person has to allow it");
  asks->add_option("ROLE", what.word, "the role")->required();
  auto* allowed = add("allow", "allows a role that somebody asked for, for an hour");
  allowed->add_option("CLIENT", what.of.client, "who asked")->required();
  allowed->add_option("ROLE", what.word, "the role")->required();
  auto* violated = add("violation", "records a violation of the rules; 12 points suspend");
  violated->add_option("CLIENT", what.of.client, "who did it")->required();
  violated->add_option("POINTS", what.points, "1 to 12")->required();
  violated->add_option("KIND", what.word, "a code that says what")->required();
  auto* reinstated = add("reinstate", "ends a suspension");
  reinstated->add_option("CLIENT", what.of.client, "the client")->required();
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (explained->parsed())
    return explain(what);
  if (asks->parsed())
    return ask_more(what);
  if (allowed->parsed())
    return allow_more(what);
  if (violated->parsed())
    return violation(what);
  if (reinstated->parsed())
    return reinstate(what);
  return listed->parsed() ? list(what) : change(what, granted->parsed());
}

} // namespace careline::program
