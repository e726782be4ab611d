#include "tools/careline/cmd_log_proof.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "messages/json.hpp"
#include "store/hash.hpp"
#include "store/head_check.hpp"
#include "store/inspect.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/replay_check.hpp"

namespace careline::program {

namespace {

/// Opened beside a running engine, if there is one.
result<std::unique_ptr<store::event_log>, store::log_error> open_beside(const std::string& data) {
  store::open_options options;
  options.place = data;
  options.read_only = true;
  return store::open_event_log(options);
}

result<store::signing_key, store::log_error> own_key(const std::string& data) {
  return store::load_signing_key(data + "/keys/signing.key", false);
}

/// The keys whose signatures count, or what is wrong and the exit code that goes with it.
result<std::vector<store::public_key>, int> trusted_keys(const std::vector<std::string>& given,
                                                         const std::string& data) {
  std::vector<store::public_key> keys;
  for (const auto& text : given) {
    const auto key = store::parse_public_key(text);
    if (!key) {
      complain(fmt::format("log: --key must be 64 hexadecimal digits, as \"careline log key\" "
                           "prints them; it is \"{}\"", printable(text.substr(0, 80))));
      return no(int{exit_code::wrong_usage});
    }
    keys.push_back(*key);
  }
  if (!keys.empty())
    return keys;
  const auto own = own_key(data);
  if (!own) {
    complain(own.error().detail + "; or give --key PUBLICKEY");
    return no(int{exit_code::work_failed});
  }
  return std::vector{own->shown()};
}

/// The log's time: this machine's, or its last event's where that is ahead.
result<store::signed_head, store::log_error> head_now(const store::event_log& log,
                                                      const store::signing_key& key) {
  const auto at = log.head();
  auto time = std::chrono::floor<span>(std::chrono::system_clock::now());
  if (at > 0) {
    // Reading it checks it.
    store::read_options last;
    last.after = at - 1;
    last.limit = 1;
    const auto page = log.read(last);
    if (!page)
      return no(page.error());
    if (!page->events.empty())
      time = std::max(time, page->events.front().time);
  }
  const auto hash = log.hash_at(at);
  if (!hash)
    return no(hash.error());
  return key.sign(at, *hash, time);
}

} // namespace

log_proof::log_proof(CLI::App& app) : app_(app) {
  auto* verify = add("verify", "check that every event is as it was written (exit 3 if not)");
  verify->add_option("--heads", heads_, "check the log against each signed head in this file, too")
      ->type_name("FILE");
  verify
      ->add_option("--key", keys_,
                   "a public key whose signatures count, instead of the folder's own; may be "
                   "repeated")
      ->type_name("PUBLICKEY");
  verify->add_flag("--replay", replay_,
                   "fold the log again, too, and compare the models with what the engine said of "
                   "them (exit 1 if they differ)");
  add("head", "sign where the log stands now and print it, as one line for a file of heads");
  add("key", "print the public key that heads are checked with");
}

CLI::App* log_proof::add(const char* name, const char* says) {
  auto* sub = app_.add_subcommand(name, says);
  add_data_option(*sub, data_);
  if (std::string_view{name} != "head")
    sub->add_flag("--json", json_, "as one JSON object");
  return sub;
}

std::optional<int> log_proof::run() const {
  if (app_.get_subcommand("verify")->parsed())
    return verify();
  if (app_.get_subcommand("head")->parsed())
    return head();
  if (app_.get_subcommand("key")->parsed())
    return key();
  return std::nullopt;
}

int log_proof::verify() const {
  std::optional<store::head_check> heads;
  if (!heads_.empty()) {
    // Before the log's head is looked at: a running engine adds to both.
    auto lines = store::read_heads(heads_);
    if (!lines) {
      complain(lines.error());
      return exit_code::work_failed;
    }
    if (lines->empty()) {
      complain(fmt::format("{} holds no signed head: it shows nothing", heads_));
      return exit_code::work_failed;
    }
    auto keys = trusted_keys(keys_, data_);
    if (!keys)
      return keys.error();
    heads.emplace(std::move(*lines), std::move(*keys));
  } else if (!keys_.empty()) {
    complain("log: --key goes with --heads FILE");
    return exit_code::wrong_usage;
  }
  const auto log = open_beside(data_);
  if (!log)
    return failed(log.error());
  progress_bar bar{"verifying"};
  const auto checked = store::verify_log(
      **log, [&](position at, position head) { bar.show(at, head); },
      [&](position at, const store::chain_hash& hash) {
        if (heads)
          heads->saw(at, hash);
      });
  bar.clear();
  if (!checked)
    return failed(checked.error());
  if (const auto wrong = heads ? heads->first_misfit(checked->head) : std::nullopt) {
    complain(fmt::format("{}:{}: {}", heads_, wrong->line, wrong->why));
    return exit_code::data_damaged;
  }
  const auto hash = hex(checked->hash);
  value all{value::map{}};
  all.set("head", value{checked->head});
  all.set("hash", hash);
  auto told = fmt::format("{} events, each as it was written; hash {}\n", checked->head, hash);
  if (heads) {
    all.set("signed_heads", value{std::uint64_t{heads->size()}});
    all.set("last_signed", value{heads->last().at});
    told += fmt::format("{} signed heads fit, the last at position {} on {}\n", heads->size(),
                        heads->last().at, to_rfc3339(heads->last().time));
  }
  if (const int code = replay_ ? replay(**log, all, told) : 0; code != exit_code::done)
    return code;
  return print(json_ ? to_json(all) + "\n" : told) ? exit_code::done : exit_code::work_failed;
}

/// Adds what came of it to what is printed.
int log_proof::replay(const store::event_log& log, value& all, std::string& told) const {
  progress_bar bar{"folding again"};
  const auto did = check_replay(log, CARELINE_VERSION, bar);
  bar.clear();
  if (!did)
    return failed(did.error());
  if (did->difference) {
    complain("log: " + *did->difference);
    return exit_code::work_failed;
  }
  if (did->compared == 0) {
    complain(did->of_others == 0
                 ? "log: it says nothing of its models yet; an engine does so with each snapshot"
                 : fmt::format("log: what it says of its models was said by other versions; this "
                               "is {}", CARELINE_VERSION));
    return exit_code::work_failed;
  }
  all.set("states_replayed", value{std::uint64_t{did->compared}});
  all.set("last_replayed", value{did->last});
  all.set("states_of_others", value{std::uint64_t{did->of_others}});
  told += fmt::format("{} times folded to the same bytes, the last at position {}{}\n",
                      did->compared, did->last,
                      did->of_others == 0 ? std::string{}
                                          : fmt::format("; {} said by other versions were left out",
                                                        did->of_others));
  return exit_code::done;
}

int log_proof::head() const {
  const auto key = own_key(data_);
  if (!key) {
    complain(key.error().detail);
    return exit_code::work_failed;
  }
  const auto log = open_beside(data_);
  if (!log)
    return failed(log.error());
  const auto signed_now = head_now(**log, *key);
  if (!signed_now)
    return failed(signed_now.error());
  return print(store::to_line(*signed_now) + "\n") ? exit_code::done : exit_code::work_failed;
}

int log_proof::key() const {
  const auto own = own_key(data_);
  if (!own) {
    complain(own.error().detail);
    return exit_code::work_failed;
  }
  value all{value::map{}};
  all.set("key", own->shown().id());
  all.set("public", own->shown().text());
  return print((json_ ? to_json(all) : own->shown().text()) + "\n") ? exit_code::done
                                                                    : exit_code::work_failed;
}

} // namespace careline::program
