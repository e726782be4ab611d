#include <csignal>

#include "store/background.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/serve_engine.hpp"

namespace careline::program {

namespace {

/// Blocked before any thread starts, so that `wait_for_end` alone takes them.
sigset_t block_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ends;
}

void wait_for_end(const sigset_t& ends) {
  int which = 0;
  sigwait(&ends, &which);
}

} // namespace

int serve_main(int argc, char** argv) {
  given_flags flags;
  auto app = make_app("serve", "Runs the engine on a data folder until it is told to stop.");
  add_config_flags(app, flags);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  const auto loaded = load_config(sources_of(flags));
  if (!loaded) {
    complain(loaded.error());
    return exit_code::wrong_usage;
  }
  for (const auto& remark : loaded->remarks)
    complain(remark);
  const auto ends = block_signals();
  store::run_promptly();
  const auto engine = serve_engine::open(loaded->values);
  if (!engine) {
    complain(engine.error().sentence);
    return engine.error().code;
  }
  if (!print((*engine)->ready_line() + "\n"))
    complain("nobody reads the ready line; serving all the same");
  wait_for_end(ends);
  complain("stopping");
  (*engine)->stop();
  return exit_code::done;
}

} // namespace careline::program
