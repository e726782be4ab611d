#include "tests/bench/live_engine.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <jemalloc/jemalloc.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/stopwatch.hpp"

namespace careline::bench {

using store::steady_us;

namespace {

constexpr auto patience = std::chrono::seconds{10};

std::string word_of(const std::string& line, const std::string& key) {
  const auto at = line.find(key + "=");
  if (at == std::string::npos)
    return {};
  const auto from = at + key.size() + 1;
  return line.substr(from, line.find_first_of(" \n", from) - from);
}

} // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

double percentile(waits& us, double share) {
  if (us.empty())
    return 0;
  std::sort(us.begin(), us.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(us.size()));
  return static_cast<double>(us[std::min(us.size() - 1, at)]) / 1000;
}

std::string program_beside() {
  if (const auto* given = std::getenv("CARELINE_BIN"))
    return given;
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "careline").string();
}

std::size_t bytes_in_use() {
  std::uint64_t epoch = 1;
  std::size_t bytes = 0;
  std::size_t size = sizeof bytes;
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  mallctl("stats.allocated", &bytes, &size, nullptr, 0);
  return bytes;
}

std::string machine() {
  utsname about{};
  uname(&about);
  auto said = std::string{about.sysname} + " " + about.release + ", "
              + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " processors";
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
      said += " (" + line.substr(line.find(": ") + 2) + ")";
      break;
    }
  said += std::string{"; g++ "} + __VERSION__;
#ifndef __OPTIMIZE__
  said += ", NOT optimised";
#endif
#ifdef __SANITIZE_ADDRESS__
  said += ", SANITIZED";
#endif
  return said;
}

int in_scratch_folder(const char* parent, const std::function<int(const std::string&)>& what) {
  auto folder = parent && *parent ? parent : std::filesystem::temp_directory_path().string();
  folder += "/careline-bench-XXXXXX";
  if (!mkdtemp(folder.data()))
    give_up("cannot make " + folder);
  const int code = what(folder);
  std::filesystem::remove_all(folder);
  return code;
}

engine::engine(const std::string& data, std::vector<std::string> more) {
  std::array<int, 2> out{};
  if (pipe(out.data()) != 0)
    give_up("no pipe");
  std::vector<std::string> words{program_beside(), "serve", "--data", data, "--commands",
                                 "tcp://127.0.0.1:0", "--events", "tcp://127.0.0.1:0", "--http",
                                 "127.0.0.1:0", "--log-level", "error"};
  words.insert(words.end(), more.begin(), more.end());
  const auto began = steady_us();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    std::vector<char*> argv;
    for (auto& word : words)
      argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  std::string line(512, ' ');
  const auto n = read(out[0], line.data(), line.size());
  ready_us = steady_us() - began;
  if (n <= 0)
    give_up(words.front() + " did not start");
  line.resize(static_cast<std::size_t>(n));
  commands = word_of(line, "commands");
  events = word_of(line, "events");
  http = word_of(line, "http");
}

void engine::end(int signal) {
  if (pid_ == 0)
    return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

engine::~engine() {
  end(SIGTERM);
}

double engine::cpu_s() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  text = text.substr(text.rfind(')') + 2);
  unsigned long long user = 0;
  unsigned long long system = 0;
  std::sscanf(text.c_str(), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
              &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double engine::private_mib() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("RssAnon:"))
      return std::stod(line.substr(8)) / 1024;
  return 0;
}

centre::centre(const engine& e) : engine_(e), run_("C-" + std::to_string(steady_us()) + "-") {
  auto line = gateway::bus::bus_client::connect(e.commands);
  if (!line)
    give_up(line.error());
  line_ = std::move(*line);
}

position centre::head() {
  command_envelope c;
  c.type = "log.read";
  c.source = "bench";
  c.data = value::map{{"after", 0}, {"limit", 1}};
  const auto told = line_->ask(std::move(c), patience);
  return told ? static_cast<position>(told->data.int_or("head", 0)) : 0;
}

position centre::one_more() {
  command_envelope c;
  c.type = "contact.open";
  c.source = "bench";
  c.data = value::map{{"channel", "phone"}, {"queue", "crowd"}};
  const auto told = line_->ask(std::move(c), patience);
  if (!told || told->outcome != outcome_kind::accepted)
    give_up("no contact was opened");
  return told->at;
}

std::string centre::send(std::size_t as, std::string_view type, value::map data) {
  constexpr std::size_t clients = 5;
  command_envelope c;
  c.type = type;
  c.source = "bench-" + std::to_string(as % clients);
  c.data = std::move(data);
  return line_->send(std::move(c));
}

void centre::ask_all(const std::vector<std::pair<std::string_view, value::map>>& all) {
  constexpr std::size_t at_once = 200;
  std::size_t sent = 0;
  for (std::size_t told = 0; told < all.size(); ++told) {
    for (; sent < std::min(all.size(), told + at_once); ++sent)
      send(sent, all[sent].first, all[sent].second);
    const auto r = line_->receive(patience);
    if (!r || r->outcome != outcome_kind::accepted)
      give_up("could not prepare: " + (r && r->why ? r->why->type : std::string{"no answer"}));
  }
}

void centre::prepare(std::size_t waiting) {
  std::vector<std::pair<std::string_view, value::map>> all;
  all.push_back({"queue.define", {{"queue", "care"}}});
  all.push_back({"queue.define", {{"queue", "crowd"}, {"skills", value::list{"nobody has it"}}}});
  for (std::size_t i = 0; i < slots_max; ++i) {
    value::map skills{{"own-" + std::to_string(i), 5}};
    all.push_back({"agent.sign_in",
                   {{"agent", "A-" + std::to_string(i)}, {"skills", std::move(skills)}}});
  }
  for (std::size_t i = 0; i < waiting; ++i)
    all.push_back({"contact.open", {{"contact", "W-" + std::to_string(i)}, {"channel", "phone"},
                                    {"queue", "crowd"}}});
  ask_all(all);
}

void centre::send(contact c) {
  const auto agent = "A-" + std::to_string(c.slot);
  std::string id;
  switch (c.at) {
    case stage::open:
      id = send(c.slot, "contact.open",
                {{"contact", c.name}, {"channel", "phone"}, {"queue", "care"},
                 {"skills", value::list{"own-" + std::to_string(c.slot)}}});
      break;
    case stage::accept:
      id = send(c.slot, "offer.accept", {{"contact", c.name}, {"agent", agent}});
      break;
    case stage::finish:
      id = send(c.slot, "contact.finish", {{"contact", c.name}, {"agent", agent}});
      break;
  }
  under_way_.emplace(std::move(id), std::move(c));
}

void centre::begin(std::size_t slot, std::uint64_t at_us) {
  send(contact{slot, stage::open, at_us, run_ + std::to_string(++names_)});
}

std::optional<std::size_t> centre::take(std::chrono::milliseconds within) {
  const auto r = line_->receive(within);
  if (!r && within >= patience)
    give_up("no answer in " + std::to_string(patience.count()) + " s");
  if (!r)
    return std::nullopt;
  const auto found = under_way_.find(r->id);
  if (found == under_way_.end())
    give_up("an answer to nothing");
  auto c = std::move(found->second);
  under_way_.erase(found);
  if (r->outcome == outcome_kind::busy) {
    ++now_.busy;
    send(std::move(c));
    return std::nullopt;
  }
  if (r->outcome != outcome_kind::accepted)
    give_up(r->why->type + " " + r->why->detail);
  const auto took = steady_us() - c.began_us;
  if (c.at == stage::open)
    now_.offered.push_back(took);
  if (c.at == stage::finish) {
    now_.finished.push_back(took);
    return c.slot;
  }
  c.at = c.at == stage::open ? stage::accept : stage::finish;
  send(std::move(c));
  return std::nullopt;
}

figure centre::measured(std::uint64_t began_us, double cpu_before) {
  const auto took_s = static_cast<double>(steady_us() - began_us) / 1e6;
  auto out = std::exchange(now_, {});
  out.per_second = static_cast<double>(out.finished.size()) / took_s;
  out.cpu = (engine_.cpu_s() - cpu_before) / took_s;
  return out;
}

figure centre::closed(std::size_t in_flight, std::uint64_t run_us) {
  const auto began = steady_us();
  const auto cpu = engine_.cpu_s();
  for (std::size_t slot = 0; slot < in_flight; ++slot)
    begin(slot, steady_us());
  while (!under_way_.empty()) {
    const auto slot = take(patience);
    if (slot && steady_us() - began < run_us)
      begin(*slot, steady_us());
  }
  return measured(began, cpu);
}

figure centre::open(double per_second, std::uint64_t run_us) {
  std::vector<std::size_t> idle;
  for (std::size_t slot = 0; slot < slots_max; ++slot)
    idle.push_back(slot);
  const auto began = steady_us();
  const auto cpu = engine_.cpu_s();
  const auto each_us = static_cast<std::uint64_t>(1e6 / per_second);
  auto due = began;
  while (due < began + run_us || !under_way_.empty()) {
    for (; due <= steady_us() && due < began + run_us && !idle.empty(); due += each_us) {
      begin(idle.back(), due);
      idle.pop_back();
    }
    // Sleeps when nothing is due: who asks all the time takes the processor from the engine. What
    // is begun late by that counts as waited.
    const auto now = steady_us();
    const auto within = due > now + 1000 ? (due - now) / 1000 : 1;
    if (const auto slot = take(std::chrono::milliseconds{within}))
      idle.insert(idle.begin(), *slot);
  }
  return measured(began, cpu);
}

} // namespace careline::bench
