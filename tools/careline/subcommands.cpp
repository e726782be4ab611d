#include "tools/careline/subcommands.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <vector>

#include "tools/careline/config.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

constexpr std::array table{
    subcommand{"serve", &serve_main, "run", "run the engine: bus, log, board"},
    subcommand{"actor", &actor_main, "run", "run a capability as a process of its own"},
    subcommand{"demo", &demo_main, "run", "play a day of customers and agents over the bus"},
    subcommand{"load", &load_main, "run", "push a load through the bus and say how it fared"},
    subcommand{"simulate", &simulate_main, "run", "run a scenario or a real log in virtual time"},
    subcommand{"staff", &staff_main, "run", "say how many agents a load or a call log's day needs"},
    subcommand{"send", &send_main, "use", "send commands or queries and print the replies"},
    subcommand{"tail", &tail_main, "use", "follow events live, as JSON lines"},
    subcommand{"show", &show_main, "use", "show queues, agents, a contact or the board"},
    subcommand{"why", &why_main, "use", "tell why a contact went to its agent"},
    subcommand{"report", &report_main, "use", "report days from the log, with the contacts behind"},
    subcommand{"log", &log_main, "look after", "read, verify, sign, back up or restore a log"},
    subcommand{"config", &config_main, "look after",
               "check a configuration, show what is in force"},
    subcommand{"key", &key_main, "look after", "make clients' keys, accept and revoke them"},
    subcommand{"user", &user_main, "look after", "look after the accounts of people at pages"},
    subcommand{"access", &access_main, "look after", "say which client may do what, and change it"},
    subcommand{"audit", &audit_main, "look after", "read who was let in and who was refused what"},
    subcommand{"gateway", &gateway_main, "look after", "verify a gateway: what it does wrong"},
    subcommand{"catalogue", &catalogue_main, "look after", "print the catalogue of all messages"},
    subcommand{"help", &help_main, "look after", "say what there is, or how a subcommand is used"},
    subcommand{"version", &version_main, "look after", "say which version this is"},
};

std::string overview() {
  std::string out = "careline: an event-driven contact-centre engine\n\n"
                    "usage: careline SUBCOMMAND [...]\n";
  std::string_view group;
  for (const auto& row : table) {
    if (row.group != group)
      out += fmt::format("\n{}\n", row.group);
    group = row.group;
    out += fmt::format("  {:<12}{}\n", row.name, row.summary);
  }
  return out + "\n\"careline help SUBCOMMAND\" says how each is used.\n"
               "Exit codes: 0 done, 1 the work failed, 2 wrong usage or configuration, "
               "3 the data is damaged.\n";
}

const subcommand* find(std::string_view name) {
  const auto found = std::ranges::find(table, name, &subcommand::name);
  return found == table.end() ? nullptr : &*found;
}

int unknown(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& row : table)
    names.push_back(row.name);
  complain(fmt::format("there is no subcommand \"{}\".{} \"careline help\" lists them.",
                       printable(name.substr(0, 64)), suggestion(name, names)));
  return exit_code::wrong_usage;
}

int run_one(const subcommand& one, int argc, char** argv) {
  try {
    return one.main(argc, argv);
  } catch (const std::exception& broken) {
    complain(fmt::format("{}: {}", one.name, broken.what()));
    return exit_code::work_failed;
  }
}

/// Where one was closed, the next file to be opened would get its number, and what is said would be
/// written into that file. What is printed nowhere must fail, so that nobody takes it for saved.
void hold_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0)
      ::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

} // namespace

std::span<const subcommand> subcommands() noexcept {
  return table;
}

int help_main(int argc, char** argv) {
  const std::string_view about = argc > 1 ? argv[1] : "";
  if (about.empty() || about == "--help" || about == "-h" || about == "help")
    return print(overview()) ? exit_code::done : exit_code::work_failed;
  const auto* one = find(about);
  if (!one)
    return unknown(about);
  std::string name{one->name};
  std::string flag{"--help"};
  std::array<char*, 3> words{name.data(), flag.data(), nullptr};
  return run_one(*one, 2, words.data());
}

int run(int argc, char** argv) {
  hold_standard_streams();
  // A reader that goes away is an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a file that may not grow any more.
  std::signal(SIGXFSZ, SIG_IGN);
  if (argc < 2) {
    complain("say what to do:");
    say_aside("\n" + overview());
    return exit_code::wrong_usage;
  }
  std::string_view name{argv[1]};
  if (name == "--help" || name == "-h")
    name = "help";
  if (name == "--version" || name == "-V")
    name = "version";
  const auto* one = find(name);
  return one ? run_one(*one, argc - 1, argv + 1) : unknown(name);
}

} // namespace careline::program
