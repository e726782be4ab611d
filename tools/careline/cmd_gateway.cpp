#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "messages/json.hpp"
#include "tools/careline/client_keys.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/end_signals.hpp"
#include "tools/careline/gateway_desk.hpp"
#include "tools/careline/gateway_examiner.hpp"
#include "tools/careline/gateway_keys.hpp"
#include "tools/careline/serve_engine.hpp"

namespace careline::program {

namespace {

using clock = std::chrono::steady_clock;

struct asked {
  std::string commands = "tcp://127.0.0.1:5570";
  std::string events = "tcp://127.0.0.1:5571";
  std::vector<std::string> queues{"care", "default"};
  std::vector<std::string> only;
  std::string run;
  std::string key_file;
  gateway::bus::client_key key;  ///< what is in it; empty: the talk is held without keys
  double seconds = 20;
  bool json = false;
};

constexpr timespec look_each{0, 10'000'000};
/// A moment for a child that was told to end.
constexpr std::chrono::seconds child_ends_within{5};

/// A folder for the engine inside; gone with it.
class passing_folder {
public:
  passing_folder() {
    const auto place = std::filesystem::temp_directory_path();
    path_ = (place / "careline-verify-XXXXXX").string();
    if (!::mkdtemp(path_.data()))
      throw std::runtime_error{"cannot make a folder for the engine's data in " + place.string()};
  }
  ~passing_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  passing_folder(const passing_folder&) = delete;
  passing_folder& operator=(const passing_folder&) = delete;
  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

/// The gateway, where this program starts it: a shell's command, in a group of its own.
class child {
public:
  /// `names`: what its environment has beside this program's, or in place of it: "NAME=text".
  child(const std::string& command, std::vector<std::string> names) {
    // Whatever may wait for another thread is done before there is none.
    const auto is_given = [&, given = names.size()](std::string_view one) {
      const auto name = one.substr(0, one.find('=') + 1);
      return std::any_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(given),
                         [&](const auto& other) { return other.starts_with(name); });
    };
    for (char** one = environ; *one; ++one)
      if (!is_given(*one))
        names.emplace_back(*one);
    std::vector<char*> environment;
    for (auto& one : names)
      environment.push_back(one.data());
    environment.push_back(nullptr);
    std::string shell{"sh"}, flag{"-c"}, script{command};
    char* const words[] = {shell.data(), flag.data(), script.data(), nullptr};
    pid_ = fork();
    if (pid_ != 0)
      return;
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGXFSZ, SIG_DFL);
    // Results alone go to stdout; and who is not in front may not read a terminal.
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (isatty(STDIN_FILENO))
      dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    execve("/bin/sh", words, environment.data());
    _exit(127);
  }
  ~child() {
    if (!has_ended())
      kill(-pid_, SIGTERM);
    for (const auto until = clock::now() + child_ends_within; !has_ended();) {
      if (clock::now() >= until)
        kill(-pid_, SIGKILL);
      nanosleep(&look_each, nullptr);
    }
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  bool has_ended() {
    ended_ = ended_ || waitpid(pid_, nullptr, WNOHANG) != 0;
    return ended_;
  }

private:
  pid_t pid_ = -1;
  bool ended_ = false;
};

/// The engine, the desk and the relay, and the talk that is held by them.
class verification {
public:
  verification(const asked& what, end_signals& ends)
      : what_(what), ends_(ends),
        examiner_([this] { return std::chrono::duration_cast<span>(clock::now() - began_); },
                  what.only, from_seconds(what.seconds), what.key.client) {}

  /// Fails with a sentence.
  result<void, std::string> open();
  std::string ready_line() const {
    const auto key = what_.key.empty() ? std::string{} : " key=" + keys_.file;
    return fmt::format("ready commands={} events={}{}\n", front_.commands, front_.events, key);
  }
  void hold();
  const gateway_examiner& examiner() const noexcept { return examiner_; }
  bool was_stopped() const noexcept { return stopped_; }

private:
  result<void, std::string> open_relay();
  void listen();
  bool hold(const gateway_examiner::trial& one);
  void grant(trial_wish one);
  /// One round of everything; false when the talk is to end.
  bool step();
  bool has_gateway_left();

  const asked& what_;
  end_signals& ends_;
  const clock::time_point began_ = clock::now();
  passing_folder folder_;
  gateway_examiner examiner_;
  std::unique_ptr<serve_engine> engine_;
  talk_keys keys_;  ///< empty ones in a talk without
  std::unique_ptr<gateway_desk> desk_;
  gateway::bus::relay_options front_;
  std::unique_ptr<gateway::bus::bus_relay> relay_;
  std::unique_ptr<child> child_;
  bool stopped_ = false;
};

/// "commands", "events" or "http", as a ready line says.
std::string address_in(const std::string& ready, const std::string& name) {
  const auto at = ready.find(name + "=") + name.size() + 1;
  return ready.substr(at, ready.find_first_of(" \n", at) - at);
}

result<void, std::string> verification::open() {
  config with;
  with.data = folder_.path();
  with.commands = with.events = "tcp://127.0.0.1:0";
  with.http = "127.0.0.1:0";
  with.log_level = "error";
  with.secure = !what_.key.empty();
  auto engine = serve_engine::open(with);
  if (!engine)
    return no(engine.error().sentence);
  engine_ = std::move(*engine);
  const auto ready = engine_->ready_line();
  front_ = {what_.commands, what_.events, address_in(ready, "commands"),
            address_in(ready, "events")};
  if (with.secure) {
    auto keys = let_in(what_.key, with.data, front_.engine_commands);
    if (!keys)
      return no(keys.error());
    keys_ = std::move(*keys);
    front_.key = keys_.gateway;
    front_.secret_key = keys_.front_secret;
  }
  auto desk = gateway_desk::open(
      {front_.engine_commands, front_.engine_events, keys_.desk, keys_.gateway}, what_.queues,
      [this](const event_record& e) { examiner_.happened(e); });
  if (!desk)
    return no(desk.error());
  desk_ = std::move(*desk);
  if (auto did = open_relay(); !did)
    return did;
  front_.commands = relay_->commands_address();
  front_.events = relay_->events_address();
  return {};
}

result<void, std::string> verification::open_relay() {
  auto relay = gateway::bus::bus_relay::open(front_, examiner_);
  if (!relay)
    return no(relay.error());
  relay_ = std::move(*relay);
  return {};
}

bool verification::has_gateway_left() {
  return (child_ && child_->has_ended()) || examiner_.has_left();
}

bool verification::step() {
  desk_->step();
  for (const auto one : examiner_.wishes())
    grant(one);
  examiner_.is_waiting();
  nanosleep(&look_each, nullptr);
  stopped_ = stopped_ || ends_.came();
  return !stopped_;
}

void verification::grant(trial_wish one) {
  switch (one) {
    case trial_wish::fill_queues: return desk_->define_queues(true);
    case trial_wish::empty_queues: return desk_->define_queues(false);
    case trial_wish::ask_to_leave: return complain("let that person leave again");
    case trial_wish::succeed:
      if (const auto who = examiner_.speaker())
        desk_->say_hello_as(who->name, who->kind);
      return;
    case trial_wish::cut:
      examiner_.cut(true);
      relay_.reset();
      return;
    case trial_wish::reconnect:
      if (const auto did = open_relay(); !did)
        throw std::runtime_error{did.error()};
      examiner_.cut(false);
      return;
  }
}

/// False when the talk is to end.
bool verification::hold(const gateway_examiner::trial& one) {
  for (const auto wish : examiner_.wishes())
    grant(wish);
  complain(fmt::format("{} of {}, {}: {}", one.number, one.of, one.name,
                       one.asks.empty() ? "wait" : one.asks));
  // What is asked for may take as long as what comes of it.
  const auto until = clock::now() + 2 * std::chrono::duration<double>{what_.seconds} + 1s;
  while (clock::now() < until) {
    if (!step())
      return false;
    if (examiner_.is_trial_over())
      break;
    if (has_gateway_left())
      return false;
  }
  for (const auto wish : examiner_.wishes())
    grant(wish);
  return true;
}

/// Where nothing is to be done to it.
void verification::listen() {
  complain("let people arrive and leave");
  const auto until = clock::now() + std::chrono::duration<double>{what_.seconds};
  while (clock::now() < until && !has_gateway_left() && step()) {
  }
}

void verification::hold() {
  std::vector<std::string> names{"CARELINE_COMMANDS=" + front_.commands,
                                 "CARELINE_EVENTS=" + front_.events};
  if (!what_.key.empty())
    names.push_back("CARELINE_KEY=" + keys_.file);
  if (!what_.run.empty())
    child_ = std::make_unique<child>(what_.run, std::move(names));
  const auto until = clock::now() + std::chrono::duration<double>{what_.seconds};
  while (!examiner_.has_come() && clock::now() < until && !has_gateway_left() && step()) {
  }
  auto trial = examiner_.next_trial();
  if (!trial)
    listen();
  while (trial && hold(*trial))
    trial = examiner_.next_trial();
  if (examiner_.is_waiting())
    complain("something is still due: wait");
  while (examiner_.is_waiting() && !has_gateway_left() && step()) {
  }
  examiner_.end();
}

std::string table_of(const std::vector<gateway_examiner::finding>& all) {
  text_table table{{{"check"}, {"result"}, {"what is required"}}};
  for (const auto& one : all)
    table.add({std::string{one.row->name}, std::string{word_of(one.said)},
               std::string{one.row->required}});
  auto out = table.text();
  for (const auto& one : all) {
    if (one.said != verdict::failed)
      continue;
    out += fmt::format("\n{} ({}): {}\n", one.row->name, one.row->source, printable(one.sentence));
    if (!one.shown.is_nil())
      out += fmt::format("  {}\n", printable(to_json(one.shown)));
  }
  return out;
}

std::string json_of(const std::vector<gateway_examiner::finding>& all) {
  value::list checks;
  for (const auto& one : all) {
    value row{value::map{}};
    row.add("check", one.row->name);
    row.add("result", word_of(one.said));
    row.add("required", one.row->required);
    row.add("source", one.row->source);
    if (!one.sentence.empty())
      row.add("sentence", one.sentence);
    if (!one.shown.is_nil())
      row.add("shown", one.shown);
    checks.push_back(std::move(row));
  }
  value out{value::map{}};
  out.add("checks", std::move(checks));
  return to_json(out) + "\n";
}

int verify(const asked& what) {
  end_signals ends;
  verification talk{what, ends};
  if (const auto did = talk.open(); !did) {
    complain("gateway verify: " + did.error());
    return exit_code::work_failed;
  }
  if (!print(talk.ready_line()))
    return exit_code::work_failed;
  talk.hold();
  const auto all = talk.examiner().findings();
  const bool printed = print(what.json ? json_of(all) : table_of(all));
  const auto is = [](verdict v) { return [v](const auto& one) { return one.said == v; }; };
  if (std::ranges::all_of(all, is(verdict::not_seen))) {
    complain(fmt::format("gateway verify: no gateway came{}",
                         what.key.empty() ? "" : " by the key of this talk"));
    return exit_code::work_failed;
  }
  return printed && std::ranges::none_of(all, is(verdict::failed)) ? exit_code::done
                                                                   : exit_code::work_failed;
}

std::vector<std::string> check_names() {
  std::vector<std::string> names;
  for (const auto& row : check_rows())
    names.emplace_back(row.name);
  return names;
}

} // namespace

int gateway_main(int argc, char** argv) {
  auto app = make_app("gateway", "Helps those who write gateways.",
                      {"careline gateway verify",
                       "careline gateway verify --run 'python3 my_gateway.py' --json",
                       "careline gateway verify --key phone-1.key --run ./my_gateway",
                       "careline gateway verify --only busy --only asks_again"});
  app.require_subcommand(1);
  asked what;
  auto* sub = app.add_subcommand(
      "verify", "Holds a talk with a gateway, between it and an engine of its own, does to it what "
                "networks and engines do, and says what it did wrong. 0: nothing; 1: something.");
  sub->add_option("--commands", what.commands, "where the gateway finds the command socket")
      ->capture_default_str();
  sub->add_option("--events", what.events, "where it finds the event socket")
      ->capture_default_str();
  sub->add_option("--queue", what.queues, "queues that it names")->capture_default_str();
  sub->add_option("--only", what.only, "this check alone, or these")
      ->check(CLI::IsMember(check_names()));
  sub->add_option("--run", what.run, "start the gateway by this command, which brings contacts by "
                                     "itself; its environment has CARELINE_COMMANDS, "
                                     "CARELINE_EVENTS and, with --key, CARELINE_KEY");
  add_key_option(*sub, what.key_file);
  sub->get_option("--key")->description(
      "the gateway's key file: the engine inside serves with keys, and accepts this one as a "
      "gateway's; what the gateway is to use instead is `key` in the ready line");
  sub->add_option("--seconds", what.seconds, "wait so long for what it should do")
      ->check(CLI::Range(1.0, 3600.0))->capture_default_str();
  sub->add_flag("--json", what.json, "as one JSON object, after the ready line");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  auto key = key_in(what.key_file);
  if (!key)
    return exit_code::wrong_usage;
  what.key = std::move(*key);
  return verify(what);
}

} // namespace careline::program
