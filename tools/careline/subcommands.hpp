#pragma once

#include <span>
#include <string_view>

namespace careline::program {

/// Exit codes of every subcommand (contract §1).
namespace exit_code {
inline constexpr int done = 0;
inline constexpr int work_failed = 1;
inline constexpr int wrong_usage = 2;
inline constexpr int data_damaged = 3;
} // namespace exit_code

/// One thing the program can do. `main` gets its own name as argv[0] and only its own arguments.
struct subcommand {
  std::string_view name;
  int (*main)(int argc, char** argv);
  std::string_view group;
  std::string_view summary;  ///< one line, no full stop
};

/// Every subcommand there is, in the order that `careline help` lists them.
std::span<const subcommand> subcommands() noexcept;

/// The whole program behind `main`: finds the subcommand and runs it. Returns the exit code.
int run(int argc, char** argv);

int serve_main(int argc, char** argv);
int load_main(int argc, char** argv);
int simulate_main(int argc, char** argv);
int staff_main(int argc, char** argv);
int demo_main(int argc, char** argv);
int actor_main(int argc, char** argv);
int send_main(int argc, char** argv);
int tail_main(int argc, char** argv);
int show_main(int argc, char** argv);
int why_main(int argc, char** argv);
int report_main(int argc, char** argv);
int log_main(int argc, char** argv);
int config_main(int argc, char** argv);
int gateway_main(int argc, char** argv);
int key_main(int argc, char** argv);
int user_main(int argc, char** argv);
int access_main(int argc, char** argv);
int audit_main(int argc, char** argv);
int catalogue_main(int argc, char** argv);
int help_main(int argc, char** argv);
int version_main(int argc, char** argv);

} // namespace careline::program
