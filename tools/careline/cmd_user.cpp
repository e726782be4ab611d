#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "store/keys/passwords.hpp"
#include "tools/careline/access_words.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/secret_words.hpp"
#include "tools/careline/shown.hpp"
#include "tools/careline/wiring.hpp"

namespace careline::program {

namespace {

struct asked {
  access_request of;
  std::vector<std::string> roles;
  std::string agent;
  int days = 365;
  bool off = false;
};

value about(const asked& what) {
  return value{value::map{{"client", what.of.client}, {"reason", what.of.reason}}};
}

/// The password is hashed here: it never leaves this process.
std::optional<value> password_of(const asked& what) {
  const auto word = ask_password();
  if (!word)
    return std::nullopt;
  auto data = about(what);
  data.set("hash", store::hash_password(*word));
  return data;
}

int vet(asking& engine, const asked& what) {
  auto data = about(what);
  data.set("until", to_rfc3339(machine_clocks().wall() + std::chrono::hours{24} * what.days));
  return tell_change(engine, what.of, "user.vet", std::move(data));
}

int bind(asking& engine, const asked& what) {
  value data{value::map{{"client", what.of.client}}};
  if (!what.agent.empty())
    data.set("agent", what.agent);
  return tell_change(engine, what.of, "user.bind", std::move(data));
}

/// Account, vetting, agent and roles, in the order in which each needs the one before.
int add(asking& engine, const asked& what) {
  auto data = password_of(what);
  if (!data)
    return exit_code::wrong_usage;
  int code = tell_change(engine, what.of, "user.set_password", std::move(*data));
  if (code == exit_code::done)
    code = vet(engine, what);
  if (code == exit_code::done && !what.agent.empty())
    code = bind(engine, what);
  return code == exit_code::done ? grant_roles(engine, what.of, what.roles) : code;
}

int set_password(asking& engine, const asked& what) {
  auto data = password_of(what);
  return data ? tell_change(engine, what.of, "user.set_password", std::move(*data))
              : exit_code::wrong_usage;
}

/// Shown once: the engine keeps it sealed.
int second_factor(asking& engine, const asked& what) {
  auto data = about(what);
  const auto secret = store::random_base32();
  if (!what.off)
    data.set("secret", secret);
  const int code = tell_change(engine, what.of, "user.set_second_factor", std::move(data));
  if (code != exit_code::done || what.off)
    return code;
  return print(fmt::format("otpauth://totp/Careline:{}?secret={}&issuer=Careline\n",
                           printable(what.of.client), secret))
             ? exit_code::done
             : exit_code::work_failed;
}

int unlock(asking& engine, const asked& what) {
  return tell_change(engine, what.of, "user.unlock", about(what));
}

int sign_out(asking& engine, const asked& what) {
  return tell_change(engine, what.of, "user.sign_out", about(what));
}

std::string table_of(const value& told) {
  text_table table{{{"person"},
                    {"state"},
                    {"roles"},
                    {"agent"},
                    {"second factor"},
                    {"signed in", text_table::side::right},
                    {"vetted until"}}};
  for (const auto& row : list_in(told, "users")) {
    const auto* second = row.find("second_factor");
    const bool has_second = second && second->as<bool>() && *second->as<bool>();
    table.add({word(row, "client"), word(row, "state"), words(row, "roles"), word(row, "agent"),
               has_second ? "yes" : "no", word(row, "sessions"), word(row, "vetted_until")});
  }
  return table.text();
}

} // namespace

int user_main(int argc, char** argv) {
  auto app = make_app("user", "Looks after the accounts of people at pages.",
                      {"careline user add li.na --role agents --agent A17",
                       "careline user second-factor li.na", "careline user list",
                       "careline user password li.na", "careline user unlock li.na"});
  app.require_subcommand(1);
  asked what;
  const auto add_sub = [&](const char* name, const char* says, bool named = true) {
    auto* sub = app.add_subcommand(name, says);
    sub->add_flag("--json", what.of.json, "as JSON");
    auto* client = sub->add_option("NAME", what.of.client, "the person");
    if (named)
      client->required();
    add_access_flags(*sub, what.of);
    return sub;
  };
  const auto add_days = [&](CLI::App& sub) {
    sub.add_option("--vetted-days", what.days, "for so many days from today")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
  };
  auto* added = add_sub("add", "an account: asks for a password, says that the person was vetted");
  added->add_option("--role", what.roles, "the roles")->type_name("ROLE")->required();
  added->add_option("--agent", what.agent, "who the person is at a desk")->type_name("AGENT");
  add_days(*added);
  auto* changed = add_sub("password", "another password; all sessions of the person end");
  auto* second = add_sub("second-factor", "makes the secret for an authenticator, shown once");
  second->add_flag("--off", what.off, "none is asked for any more");
  auto* vetted = add_sub("vet", "the person was vetted again");
  add_days(*vetted);
  auto* bound = add_sub("bind", "who the person is at a desk; without --agent nobody");
  bound->add_option("--agent", what.agent, "the agent")->type_name("AGENT");
  auto* unlocked = add_sub("unlock", "failed sign-ins are forgotten");
  add_sub("sign-out", "ends all sessions of the person");
  auto* listed = add_sub("list", "accounts, and who may sign in now", false);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (listed->parsed())
    return tell_list(what.of, "user.list", table_of);
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return added->parsed()      ? add(*engine, what)
         : changed->parsed()  ? set_password(*engine, what)
         : second->parsed()   ? second_factor(*engine, what)
         : vetted->parsed()   ? vet(*engine, what)
         : bound->parsed()    ? bind(*engine, what)
         : unlocked->parsed() ? unlock(*engine, what)
                              : sign_out(*engine, what);
}

} // namespace careline::program
