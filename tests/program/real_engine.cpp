#include "tests/program/real_engine.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "messages/json.hpp"

namespace careline::real {

text_file::text_file(std::string_view text, const std::string& name)
    : path(folder_.path + "/" + name) {
  std::ofstream{path} << text;
}

std::vector<value> json_lines(const std::string& printed) {
  std::vector<value> all;
  std::istringstream in{printed};
  for (std::string line; std::getline(in, line);) {
    auto read = from_json(line);
    REQUIRE(read);
    all.push_back(std::move(*read));
  }
  return all;
}

process::process(std::vector<std::string> arguments) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  REQUIRE(pipe(out.data()) == 0);
  REQUIRE(pipe(err.data()) == 0);
  const auto* program = std::getenv("CARELINE_BIN");
  arguments.insert(arguments.begin(), program ? program : CARELINE_BIN);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]})
      close(fd);
    std::vector<char*> argv;
    for (auto& word : arguments)
      argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

process::~process() {
  if (pid_ > 0)
    end(SIGKILL);
  close(out_);
  close(err_);
}

int process::end(int signal) {
  int status = 0;
  if (signal != 0)
    kill(pid_, signal);
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string process::said() const {
  std::string all;
  std::array<char, 4096> some{};
  for (auto n = read(err_, some.data(), some.size()); n > 0;
       n = read(err_, some.data(), some.size()))
    all.append(some.data(), static_cast<std::size_t>(n));
  return all;
}

bool process::has_ended() const {
  siginfo_t about{};
  return waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOHANG | WNOWAIT) == 0
         && about.si_pid == pid_;
}

std::string process::line() {
  pollfd look{out_, POLLIN, 0};
  constexpr auto wait_ms = static_cast<int>(std::chrono::milliseconds{patience}.count());
  while (buffer_.find('\n') == std::string::npos && poll(&look, 1, wait_ms) > 0) {
    std::array<char, 4096> some{};
    const auto n = read(out_, some.data(), some.size());
    if (n <= 0)
      break;
    buffer_.append(some.data(), static_cast<std::size_t>(n));
  }
  const auto end = buffer_.find('\n');
  auto out = buffer_.substr(0, end);
  buffer_.erase(0, end == std::string::npos ? end : end + 1);
  return out;
}

std::string process::rest() {
  std::array<char, 4096> some{};
  pollfd look{out_, POLLIN, 0};
  constexpr auto wait_ms = static_cast<int>(std::chrono::milliseconds{patience}.count());
  for (;;) {
    if (poll(&look, 1, wait_ms) <= 0) {
      kill(pid_, SIGKILL);
      FAIL_CHECK("it said nothing for so long, and did not end");
      break;
    }
    const auto n = read(out_, some.data(), some.size());
    if (n <= 0)
      break;
    buffer_.append(some.data(), static_cast<std::size_t>(n));
  }
  return std::exchange(buffer_, {});
}

namespace {

std::vector<std::string> serve_words(const std::string& data, std::vector<std::string> more) {
  std::vector<std::string> words{"serve", "--data", data};
  for (const auto& [flag, place] : {std::pair{"--commands", "tcp://127.0.0.1:0"},
                                    std::pair{"--events", "tcp://127.0.0.1:0"},
                                    std::pair{"--http", "127.0.0.1:0"}})
    if (std::find(more.begin(), more.end(), flag) == more.end())
      words.insert(words.end(), {flag, place});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

} // namespace

engine::engine(const std::string& data, std::vector<std::string> more)
    : process(serve_words(data, std::move(more))), ready(line()) {}

std::string engine::address(const std::string& name) const {
  const auto at = ready.find(name + "=");
  const auto why = at != std::string::npos ? "" : has_ended() ? said() : "none yet, it still runs";
  INFO("ready line: " << ready << why);
  REQUIRE(at != std::string::npos);
  const auto from = at + name.size() + 1;
  return ready.substr(from, ready.find(' ', from) - from);
}

desk::desk(const engine& e, std::string name) : name_(std::move(name)) {
  auto opened = gateway::bus::bus_client::connect(e.address("commands"));
  REQUIRE(opened);
  client_ = std::move(*opened);
}

reply desk::ask(std::string_view type, std::string_view json, std::string id) {
  command_envelope c;
  c.id = std::move(id);
  c.type = type;
  c.source = name_;
  auto data = from_json(json);
  INFO(type << " " << json);
  REQUIRE(data);
  c.data = std::move(*data);
  auto got = client_->ask(std::move(c), patience);
  REQUIRE(got);
  return *got;
}

outcome run(std::vector<std::string> arguments) {
  process p{std::move(arguments)};
  outcome out;
  out.out = p.rest();
  out.code = p.end(0);
  out.err = p.said();
  return out;
}

} // namespace careline::real
