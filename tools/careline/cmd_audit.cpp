#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>

#include "messages/codec.hpp"
#include "messages/json.hpp"
#include "messages/z85.hpp"
#include "tools/careline/access_words.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

/// What the audit is made of: keys, accounts and roles, refusals, and who looked at what is
/// personal.
const std::vector<std::string> audit_types{
    "key.", "access.", "user.", "api_key.", "contact.address_read", "customer.revealed",
    "customer.reveal_limited", "customer.disclosure_denied", "customer.looked_up",
    "customer.erased"};
/// What proves somebody to be himself is nobody's to read, not even as a digest.
constexpr std::string_view kept_back[] = {"hash", "secret", "session", "digest"};
constexpr int page_max = 1000;

struct asked {
  engine_place engine;
  std::string data;
  std::string client;
  std::string party;
  std::string agent;
  std::string key;
  std::string since;
  bool json = false;
};

/// The fields that a line tells besides the client and the type.
std::string told_of(const value& data) {
  std::string out;
  for (const auto* key : {"what", "word", "reason", "roles", "contact", "purpose", "fingerprint",
                          "host", "key", "count", "wrong", "failures", "until", "role", "by",
                          "points", "kind", "agent", "id", "party", "shown", "field", "found",
                          "about", "keys", "why"}) {
    const auto* found = data.find(key);
    if (!found)
      continue;
    const auto text = found->as<value::list>() ? words(data, key) : word(data, key);
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, text);
  }
  return out;
}

value without_proofs(value e) {
  if (auto* parts = e.as<value::map>())
    for (auto& [name, data] : *parts)
      if (auto* fields = name == "data" ? data.as<value::map>() : nullptr)
        std::erase_if(*fields, [](const auto& field) {
          return std::ranges::find(kept_back, field.first) != std::end(kept_back);
        });
  return e;
}

/// Collects or prints what is asked for.
class auditor {
public:
  explicit auditor(const asked& what) : what_(what) {
    if (!what.since.empty())
      if (const auto read = parse_rfc3339(what.since))
        since_ = read->at;
  }
  /// One event, as its CloudEvents map; false when nobody reads on.
  bool take(const value& e) {
    static const value nothing{value::map{}};
    const auto* found = e.find("data");
    const auto& data = found ? *found : nothing;
    const std::string client{data.text_or("client", e.text_or("actor"))};
    const auto time = parse_rfc3339(std::string{e.text_or("time")});
    if (e.text_or("type") == "user.bound")
      agents_[client] = data.text_or("agent");
    if (!is_asked_for(e, data, client) || (since_ && time && time->at < *since_))
      return true;
    if (what_.json)
      return print(to_json(without_proofs(e)) + "\n");
    table_.add({std::string{e.text_or("time")}, word(e, "type"),
                client.empty() ? "-" : printable(client), word(e, "actor"), told_of(data)});
    return true;
  }
  int end() {
    return what_.json || print(table_.text()) ? exit_code::done : exit_code::work_failed;
  }

private:
  bool is_asked_for(const value& e, const value& data, const std::string& client) const {
    const std::string actor{e.text_or("actor")};
    const auto is = [](const std::string& wanted, const auto&... found) {
      return wanted.empty() || ((found == wanted) || ...);
    };
    return is(what_.client, client, actor) && is(what_.party, data.text_or("party"))
           && is(what_.agent, data.text_or("agent"), agent_of(client), agent_of(actor))
           && is(fingerprint_of(what_.key), fingerprint_of(data.text_or("key")),
                 data.text_or("fingerprint"), data.text_or("id"));
  }
  /// As whom the client was at a desk then.
  std::string agent_of(const std::string& client) const {
    const auto found = agents_.find(client);
    return found == agents_.end() ? std::string{} : found->second;
  }

  const asked& what_;
  std::map<std::string, std::string> agents_;  ///< by the account's client
  std::optional<instant> since_;
  text_table table_{{{"time"}, {"event"}, {"client"}, {"by"}, {"what"}}};
};

int read_folder(const asked& what, auditor& to) {
  store::open_options options;
  options.place = what.data;
  options.read_only = true;
  const auto log = store::open_event_log(options);
  if (!log)
    return failed(log.error());
  store::read_options from;
  from.types = audit_types;
  for (const auto head = (*log)->head(); from.after < head;) {
    const auto page = (*log)->read(from);
    if (!page)
      return failed(page.error());
    for (const auto& record : page->events)
      if (const auto e = to_value(record); e && !to.take(*e))
        return exit_code::work_failed;
    from.after = page->next;
  }
  return to.end();
}

int read_bus(const asked& what, auditor& to) {
  auto engine = asking::open(what.engine, "careline-audit");
  if (!engine)
    return exit_code::wrong_usage;
  value::list types;
  for (const auto& one : audit_types)
    types.emplace_back(one);
  for (std::int64_t after = 0, head = 1; after < head;) {
    const auto page = engine->query("log.read", value{value::map{{"after", after},
                                                                 {"limit", page_max},
                                                                 {"types", value{types}}}});
    if (!page)
      return exit_code::work_failed;
    for (const auto& e : list_in(*page, "events"))
      if (!to.take(e))
        return exit_code::work_failed;
    const auto next = page->int_or("next", 0);
    head = page->int_or("head", 0);
    if (next <= after)
      break;
    after = next;
  }
  return to.end();
}

} // namespace

int audit_main(int argc, char** argv) {
  auto app = make_app("audit",
                      "Reads who was let in, who was refused what, and who changed keys and roles.",
                      {"careline audit --key admin.key",
                       "careline audit --data careline-data --client phone-1",
                       "careline audit --party P-42",
                       "careline audit --since 2026-03-02T09:00:00+08:00 --json"});
  asked what;
  app.add_option("--client", what.client, "what it did, or what was done about it")
      ->type_name("NAME");
  app.add_option("--party", what.party, "who saw what of this person, and what for")
      ->type_name("ID");
  app.add_option("--agent", what.agent, "what was done by, or about, this agent's account")
      ->type_name("ID");
  app.add_option("--fingerprint", what.key, "of a key; or the key itself, or an HTTP key's id")
      ->type_name("TEXT");
  app.add_option("--since", what.since, "from this time on")->type_name("TIME");
  app.add_flag("--json", what.json, "whole events, as JSON lines");
  app.add_option("--data", what.data, "read this data folder's log; no engine is asked")
      ->type_name("FOLDER");
  add_engine_flags(app, what.engine);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (!what.since.empty() && !parse_rfc3339(what.since)) {
    complain("audit: --since is a time such as 2026-03-02T09:00:00+08:00");
    return exit_code::wrong_usage;
  }
  auditor to{what};
  return what.data.empty() ? read_bus(what, to) : read_folder(what, to);
}

} // namespace careline::program
