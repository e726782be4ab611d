#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "messages/z85.hpp"
#include "store/keys/passwords.hpp"
#include "store/keys/secrets.hpp"
#include "tools/careline/access_words.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/key_places.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

using gateway::bus::client_key;

struct asked {
  access_request of;
  std::vector<std::string> scopes;
  int days = 90;
  std::string out;
  std::string server_key;
  std::string key;
  std::vector<std::string> roles;
};

/// The engine's public half: as given, or as this machine's key files or data folder have it.
std::optional<std::string> server_key_of(const asked& what) {
  if (!what.server_key.empty()) {
    if (is_z85_key(what.server_key))
      return what.server_key;
    complain("key make: --server-key is 40 characters, as \"careline key show\" prints them");
    return std::nullopt;
  }
  if (!what.of.engine.key_file.empty()) {
    const auto own = key_in(what.of.engine.key_file);
    return own ? std::optional{own->server_key} : std::nullopt;
  }
  const auto secret = store::load_bus_key(bus_key_of(what.of.data), false);
  if (secret)
    return gateway::bus::public_half_of(to_z85(secret->bytes()));
  complain("key make: " + secret.error().detail + "; or give --server-key");
  return std::nullopt;
}

/// Shells and flags take a leading dash for something else.
gateway::bus::key_pair easy_pair() {
  auto pair = gateway::bus::make_key_pair();
  while (pair.public_key.starts_with('-'))
    pair = gateway::bus::make_key_pair();
  return pair;
}

int make(const asked& what) {
  if (!is_valid_id(what.of.client)) {
    complain("key make: a client's name is 1 to 128 bytes without control characters");
    return exit_code::wrong_usage;
  }
  const auto server = server_key_of(what);
  if (!server)
    return exit_code::work_failed;
  const auto pair = easy_pair();
  const auto file = what.out.empty() ? what.of.client + ".key" : what.out;
  const auto made = gateway::bus::write_client_key(
      file, {what.of.client, pair.public_key, pair.secret_key, *server});
  if (!made) {
    complain("key make: " + made.error());
    return exit_code::work_failed;
  }
  if (what.of.json)
    return print(to_json(value{value::map{{"client", what.of.client},
                                          {"file", file},
                                          {"public", pair.public_key}}}) + "\n")
               ? exit_code::done
               : exit_code::work_failed;
  return print(fmt::format("{}\npublic {}\naccept it: careline key accept {} '{}' --role ROLE\n",
                           file, pair.public_key, what.of.client, pair.public_key))
             ? exit_code::done
             : exit_code::work_failed;
}

int show(const asked& what) {
  const auto key = key_in(what.key);
  if (!key)
    return exit_code::work_failed;
  if (what.of.json)
    return print(to_json(value{value::map{{"client", key->client},
                                          {"public", key->public_key},
                                          {"fingerprint", fingerprint_of(key->public_key)},
                                          {"server", key->server_key}}}) + "\n")
               ? exit_code::done
               : exit_code::work_failed;
  return print(fmt::format("client {}\npublic {}\nserver {}\n", key->client, key->public_key,
                           key->server_key))
             ? exit_code::done
             : exit_code::work_failed;
}

/// A key as people name it: a key file, itself, or the beginning of a key that the client has. A
/// file first: its path may be made of a key's letters, and as long.
std::optional<std::string> public_key_of(const std::string& named, asking* among,
                                         const std::string& client) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(named, ignored)) {
    const auto key = key_in(named);
    return key ? std::optional{key->public_key} : std::nullopt;
  }
  if (is_z85_key(named))
    return named;
  if (!among) {
    complain(fmt::format("\"{}\" is neither a public key of 40 characters nor a key file",
                         printable(named.substr(0, 64))));
    return std::nullopt;
  }
  const auto known = among->query("key.list", value{value::map{{"client", client}}});
  if (!known)
    return std::nullopt;
  std::vector<std::string> fitting;
  for (const auto& row : list_in(*known, "clients"))
    for (const auto& key : list_in(row, "keys"))
      if (const auto* text = key.as<std::string>(); text && text->starts_with(named))
        fitting.push_back(*text);
  if (fitting.size() == 1)
    return fitting.front();
  complain(fmt::format("{} accepted keys of {} begin with \"{}\"", fitting.size(),
                       printable(client), printable(named.substr(0, 64))));
  return std::nullopt;
}

int accept(const asked& what) {
  const auto key = public_key_of(what.key, nullptr, what.of.client);
  if (!key)
    return exit_code::wrong_usage;
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  const int code = tell_change(*engine, what.of, "key.accept",
                               value{value::map{{"client", what.of.client}, {"key", *key}}});
  return code != exit_code::done || what.roles.empty()
             ? code
             : grant_roles(*engine, what.of, what.roles);
}

int revoke(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  const auto key = public_key_of(what.key, &*engine, what.of.client);
  if (!key)
    return exit_code::work_failed;
  return tell_change(*engine, what.of, "key.revoke",
                     value{value::map{{"client", what.of.client},
                                      {"key", *key},
                                      {"reason", what.of.reason}}});
}

/// A key for HTTP, in force for some days. Its secret is shown once and kept nowhere.
int make_for_http(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  const auto id = store::random_hex(4);
  const auto secret = store::random_token();
  value::list scopes;
  for (const auto& scope : what.scopes)
    scopes.emplace_back(scope);
  value data{value::map{{"client", what.of.client},
                        {"id", id},
                        {"digest", store::digest_of_token(secret, "api")}}};
  if (!scopes.empty())
    data.set("scopes", value{std::move(scopes)});
  const auto wall = std::chrono::system_clock::now() + std::chrono::hours{24} * what.days;
  data.set("expires", to_rfc3339(std::chrono::floor<span>(wall)));
  const int code = tell_change(*engine, what.of, "api_key.accept", std::move(data));
  if (code != exit_code::done)
    return code;
  // It is in force from here on, whatever becomes of the roles.
  const auto key = fmt::format("clk_{}_{}", id, secret);
  const bool is_shown = print(what.of.json ? to_json(value{value::map{{"key", key}}}) + "\n"
                                           : key + "\n");
  return !is_shown            ? exit_code::work_failed
         : what.roles.empty() ? exit_code::done
                              : grant_roles(*engine, what.of, what.roles);
}

int revoke_for_http(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return tell_change(*engine, what.of, "api_key.revoke",
                     value{value::map{{"client", what.of.client},
                                      {"id", what.key},
                                      {"reason", what.of.reason}}});
}

int rotate_master(const asked& what) {
  auto engine = ask_about_access(what.of);
  if (!engine)
    return engine.error();
  return tell_change(*engine, what.of, "key.rotate_master",
                     value{value::map{{"reason", what.of.reason}}});
}

std::string table_of(const value& told) {
  text_table table{{{"client"}, {"state"}, {"public key, or id of one for HTTP"}}};
  for (const auto& row : list_in(told, "clients"))
    for (const auto& [list, state] : {std::pair{"keys", "accepted"}, {"revoked", "revoked"}})
      for (const auto& key : list_in(row, list))
        table.add({word(row, "client"), state, printable(*key.as<std::string>())});
  for (const auto& row : list_in(told, "clients"))
    for (const auto& key : list_in(row, "api_keys"))
      table.add({word(row, "client"), "until " + word(key, "expires"), word(key, "id")});
  return table.text();
}

int list(const asked& what) {
  return tell_list(what.of, "key.list", table_of);
}

/// The words of `careline key`; whichever was said has been parsed.
struct key_words {
  CLI::App* made = nullptr;
  CLI::App* accepted = nullptr;
  CLI::App* listed = nullptr;
  CLI::App* shown = nullptr;
  CLI::App* http = nullptr;
  CLI::App* unhttp = nullptr;
  CLI::App* rotated = nullptr;
};

CLI::App* add_word(CLI::App& app, asked& what, const char* name, const char* says) {
  auto* sub = app.add_subcommand(name, says);
  sub->add_flag("--json", what.of.json, "as JSON");
  return sub;
}

void add_words_of_files(CLI::App& app, asked& what, key_words& said) {
  said.made = add_word(app, what, "make",
                       "makes a key file for a client; its secret never leaves the file");
  said.made->add_option("NAME", what.of.client, "the client")->required();
  said.made->add_option("--out", what.out, "the file [NAME.key]")->type_name("FILE");
  said.made->add_option("--server-key", what.server_key, "the engine's public key")
      ->type_name("KEY");
  add_data_option(*said.made, what.of.data);
  add_key_option(*said.made, what.of.engine.key_file);
  said.shown = add_word(app, what, "show", "what a key file has, but for its secret");
  said.shown->add_option("FILE", what.key, "the key file")->required();
}

void add_words_of_bus(CLI::App& app, asked& what, key_words& said) {
  said.accepted = add_word(app, what, "accept",
                           "the engine accepts a public key as a client's; two at most");
  said.accepted->add_option("NAME", what.of.client, "the client")->required();
  said.accepted->add_option("PUBLIC", what.key, "its public key, or its key file")->required();
  said.accepted->add_option("--role", what.roles, "grant these roles, and no others")
      ->type_name("ROLE");
  add_access_flags(*said.accepted, what.of);
  said.listed = add_word(app, what, "list", "clients and their keys, accepted and revoked");
  said.listed->add_option("NAME", what.of.client, "one client's");
  add_access_flags(*said.listed, what.of);
  auto* revoked = add_word(app, what, "revoke",
                           "the engine accepts a key no more, and never again");
  revoked->add_option("NAME", what.of.client, "the client")->required();
  revoked->add_option("PUBLIC", what.key, "the public key, its beginning, or the key file")
      ->required();
  add_access_flags(*revoked, what.of);
  said.rotated = add_word(app, what, "rotate-master",
                          "another master key seals all keys of persons from now on");
  add_access_flags(*said.rotated, what.of);
}

void add_words_of_http(CLI::App& app, asked& what, key_words& said) {
  said.http = add_word(app, what, "http",
                       "makes and accepts a key by which a program speaks HTTP; shown once");
  said.http->add_option("NAME", what.of.client, "the client")->required();
  said.http->add_option("--role", what.roles, "grant these roles, and no others")
      ->type_name("ROLE");
  said.http->add_option("--scope", what.scopes, "only this of what the roles allow: queue.list")
      ->type_name("WORD");
  said.http->add_option("--days", what.days, "in force for so long")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  add_access_flags(*said.http, what.of);
  said.unhttp = add_word(app, what, "revoke-http",
                         "a key for HTTP is accepted no more, and never again");
  said.unhttp->add_option("NAME", what.of.client, "the client")->required();
  said.unhttp->add_option("ID", what.key, "the 8 digits behind clk_")->required();
  add_access_flags(*said.unhttp, what.of);
}

} // namespace

int key_main(int argc, char** argv) {
  auto app = make_app("key", "Makes clients' keys, and says which the engine accepts.",
                      {"careline key make phone-1 --out phone-1.key",
                       "careline key accept phone-1 phone-1.key --role gateway",
                       "careline key http shop-web --role gateway --scope contact.",
                       "careline key list", "careline key show phone-1.key",
                       "careline key revoke phone-1 'PUBLIC' --reason rotated"});
  app.require_subcommand(1);
  asked what;
  key_words said;
  add_words_of_files(app, what, said);
  add_words_of_bus(app, what, said);
  add_words_of_http(app, what, said);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  return said.made->parsed()       ? make(what)
         : said.accepted->parsed() ? accept(what)
         : said.listed->parsed()   ? list(what)
         : said.shown->parsed()    ? show(what)
         : said.http->parsed()     ? make_for_http(what)
         : said.unhttp->parsed()   ? revoke_for_http(what)
         : said.rotated->parsed()  ? rotate_master(what)
                                   : revoke(what);
}

} // namespace careline::program
