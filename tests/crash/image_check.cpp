#include "tests/crash/image_check.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/keys/signing.hpp"
#include "store/row.hpp"
#include "store/snapshots.hpp"
#include "tests/crash/desk.hpp"

namespace careline::crash {

namespace {

using wrong = std::optional<std::string>;

/// A group that is on the disk or is not; the first is the state before any.
struct state {
  std::size_t groups = 0;  ///< so many are there
  position head = 0;
  std::string hash = std::string(32, '\0');
  instant newest{};
  std::map<std::string, position> checkpoints;
};

state after(const history& told, std::size_t groups) {
  if (groups == 0)
    return {};
  const auto& g = told.groups[groups - 1];
  return {groups, g.head, g.hash, g.newest, g.checkpoints};
}

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

/// The state that the log is in, if it is one that the crash may leave.
wrong find_state(const store::event_log& log, const history& told, moment crash, state& found) {
  const auto acknowledged = told.acknowledged_before(crash);
  const std::string hash{store::bytes_of(log.head_hash())};
  std::vector<state> legal{after(told, acknowledged)};
  if (acknowledged < told.groups.size() && told.groups[acknowledged].begun < crash)
    legal.push_back(after(told, acknowledged + 1));
  // A group without events leaves the head where it was: its commands tell, so the later first.
  for (auto candidate = legal.rbegin(); candidate != legal.rend(); ++candidate) {
    const auto& one = *candidate;
    const bool has_all = std::all_of(
        one.checkpoints.begin(), one.checkpoints.end(), [&](const auto& checkpoint) {
          const auto at = log.find_checkpoint(checkpoint.first);
          return at && *at == checkpoint.second;
        });
    const bool has_commands =
        one.groups == 0
        || std::all_of(told.groups[one.groups - 1].commands.begin(),
                       told.groups[one.groups - 1].commands.end(), [&](const auto& command) {
                         const auto kept = log.find_command(command.first);
                         return kept && kept->has_value();
                       });
    if (log.head() == one.head && hash == one.hash && has_all && has_commands) {
      found = one;
      return std::nullopt;
    }
  }
  return "the log ends at " + number(log.head()) + ", acknowledged was up to "
         + number(legal.front().head)
         + (legal.size() > 1 ? ", begun up to " + number(legal.back().head) : "")
         + ": it is in neither state";
}

wrong check_chain(const store::event_log& log) {
  const auto walked = store::verify_log(log);
  if (!walked)
    return "the chain is broken at " + number(walked.error().at) + ": " + walked.error().detail;
  return walked->head == log.head() ? wrong{} : "the chain ends before the head";
}

wrong check_commands(const store::event_log& log, const history& told, const state& s) {
  const auto oldest = s.newest - log_options({}).remember;
  for (std::size_t i = 0; i < told.groups.size(); ++i) {
    const auto& g = told.groups[i];
    for (const auto& [key, answer] : g.commands) {
      const auto kept = log.find_command(key);
      if (!kept)
        return "command " + key.id + " cannot be looked for: " + kept.error().detail;
      if (i >= s.groups && *kept)
        return "command " + key.id + " is remembered, but what it did is not there";
      if (i >= s.groups || g.newest < oldest)
        continue;
      if (!*kept)
        return "command " + key.id + " was acknowledged and is forgotten";
      if (store::encode_remembered(key.id, **kept) != store::encode_remembered(key.id, answer))
        return "command " + key.id + " has another answer than it was given";
    }
    if (i > s.groups)
      break;
  }
  return std::nullopt;
}

wrong check_streams(const store::event_log& log) {
  for (position contact = 0; contact < contacts; ++contact) {
    const auto read = log.read_stream(subject_at(contact));
    if (!read)
      return "a contact's events cannot be read: " + read.error().detail;
    position expected = contact == 0 ? contacts : contact;
    for (const auto& e : *read) {
      if (e.at != expected)
        return "event " + number(expected) + " of " + subject_at(contact) + " is missing";
      expected += contacts;
    }
    if (expected <= log.head())
      return "event " + number(expected) + " of " + subject_at(contact) + " is missing";
  }
  return std::nullopt;
}

wrong check_snapshots(const std::string& folder, const store::event_log& log, const history& told,
                      moment crash) {
  for (const std::string capability : capabilities) {
    position at_least = 0;
    for (const auto& s : told.snapshots)
      if (s.noted < crash && s.capability == capability)
        at_least = s.at;
    const auto loaded = store::load_newest_snapshot(folder + "/snapshots", capability, log);
    if (!loaded.left_aside.empty())
      return loaded.left_aside.front();
    const auto at = loaded.newest ? loaded.newest->at : 0;
    if (at < at_least)
      return "the snapshot of " + capability + " at " + number(at_least) + " is gone";
    if (loaded.newest && loaded.newest->body != snapshot_body(capability, at))
      return "the snapshot of " + capability + " at " + number(at) + " has another content";
  }
  return std::nullopt;
}

/// Once the next head is signed, each line is one that the log has; none that was signed is gone.
wrong check_heads(const std::string& folder, const store::event_log& log, const history& told,
                  moment crash) {
  position at_least = 0;
  for (const auto& h : told.heads)
    if (h.noted < crash)
      at_least = h.at;
  const auto key = store::load_signing_key(folder + "/keys/signing.key", at_least == 0);
  if (!key)
    return key.error().detail;
  const auto file = folder + "/heads.jsonl";
  const auto next = key->sign(log.head(), log.head_hash(), morning);
  if (const auto did = store::append_head(file, next); !did)
    return did.error().sentence;
  const auto lines = store::read_heads(file);
  if (!lines)
    return lines.error();
  bool is_there = at_least == 0;
  for (const auto& line : *lines) {
    if (!line.head)
      return "line " + number(line.number) + " of the signed heads: " + line.head.error();
    if (!key->shown().has_signed(*line.head))
      return "a head was signed by a key that is gone";
    const auto hash = log.hash_at(line.head->at);
    if (!hash || *hash != line.head->hash)
      return "a head was signed at " + number(line.head->at) + ", and the log does not have it";
    is_there = is_there || (line.number < lines->size() && line.head->at == at_least);
  }
  return is_there ? wrong{} : "the head that was signed at " + number(at_least) + " is gone";
}

wrong check_sealed(const store::key_store& keys, const sealed_value& v, const history& told,
                   moment crash) {
  bool may_be_gone = false;
  bool is_gone = false;
  for (const auto& e : told.erasures)
    if (e.customer == v.customer && v.noted < e.begun) {
      may_be_gone = may_be_gone || e.begun < crash;
      is_gone = is_gone || e.done < crash;
    }
  const auto opened = keys.open(keys.person_of(v.customer), v.sealed);
  if (opened && *opened != v.clear)
    return "a sealed value opens to something else";
  if (opened && is_gone)
    return "a value of an erased person opens";
  if (!opened && !may_be_gone)
    return "a sealed value does not open: " + opened.error().type + " " + opened.error().detail;
  if (!opened && opened.error().type != "person.erased")
    return "a value of an erased person is called " + opened.error().type;
  return std::nullopt;
}

wrong check_keys(const std::string& folder, const history& told, moment crash) {
  auto keys = store::open_key_store(folder + "/keys", key_options());
  if (!keys)
    return keys.error().detail;
  for (const auto& v : told.sealed)
    if (v.noted < crash)
      if (auto what = check_sealed(**keys, v, told, crash))
        return what;
  const auto newcomer = (*keys)->person_of("somebody new");
  const auto sealed = (*keys)->seal(newcomer, "hello");
  return sealed && (*keys)->open(newcomer, *sealed) ? wrong{} : "nothing can be sealed any more";
}

wrong check_going_on(store::event_log& log, const state& s) {
  store::batch more;
  event_record e;
  e.type = "contact.queued";
  e.subject = subject_at(s.head + 1);
  e.time = s.newest;
  e.data = "\x80";
  more.events.push_back(std::move(e));
  wrong failed = "the log does not answer";
  log.append({std::move(more)}, log.head(), log.epoch(), [&](auto outcome) {
    failed = outcome ? wrong{} : "nothing can be appended: " + outcome.error().detail;
  });
  if (failed)
    return failed;
  if (log.head() != s.head + 1)
    return "the next event is not at the next position";
  return check_chain(log);
}

} // namespace

void write_image(const image& what, const std::string& folder) {
  namespace fs = std::filesystem;
  fs::create_directories(folder);
  for (const auto& name : what.folders)
    fs::create_directories(folder + "/" + name);
  for (const auto& [name, content] : what.files) {
    const auto path = folder + "/" + name;
    std::ofstream{path, std::ios::binary} << content;
    // The master key's; the others are not looked at.
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  }
}

std::optional<std::string> broken_promise(const std::string& folder, const history& told,
                                          moment crash) {
  auto opened = store::open_event_log(log_options(folder));
  if (!opened)
    return "the log does not open: " + opened.error().detail;
  auto& log = **opened;
  for (const auto& o : told.openings)
    if (o.noted < crash && log.epoch() <= o.epoch)
      return "the epoch " + number(log.epoch()) + " was given before";
  state s;
  if (auto what = find_state(log, told, crash, s))
    return what;
  if (auto what = check_chain(log))
    return what;
  if (auto what = check_commands(log, told, s))
    return what;
  if (auto what = check_streams(log))
    return what;
  if (auto what = check_snapshots(folder, log, told, crash))
    return what;
  if (auto what = check_heads(folder, log, told, crash))
    return what;
  if (auto what = check_keys(folder, told, crash))
    return what;
  return check_going_on(log, s);
}

} // namespace careline::crash
