// What it takes to check, save, move and get back a centre's log: `log verify`, `backup`,
// `restore`, `export` and `import` of the real program over a log that the real engine wrote,
// beside `cp` with a sync of the log's file and beside the chain's own hash over the same records,
// all in one run. The log is in the page cache. Not a test (docs/performance.md).
//   copies_bench [events] [folder]
// The program is $CARELINE_BIN, or the one beside the benchmarks.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/stopwatch.hpp"
#include "tests/bench/live_engine.hpp"

namespace careline::bench {
namespace {

namespace fs = std::filesystem;

constexpr int rounds = 3;
constexpr std::size_t in_flight = 200;
constexpr std::uint64_t round_us = 2'000'000;
/// So many events come between two backups.
constexpr position between = 50'000;

/// Runs a program to its end; how long that took, in seconds.
double run_s(std::vector<std::string> words) {
  const auto began_us = store::steady_us();
  const auto pid = fork();
  if (pid == 0) {
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    std::vector<char*> argv;
    for (auto& word : words)
      argv.push_back(word.data());
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    give_up(words[0] + " " + words[1] + " " + words[2] + " did not work");
  return static_cast<double>(store::steady_us() - began_us) / 1e6;
}

double log_s(std::vector<std::string> words) {
  words.insert(words.begin(), {program_beside(), "log"});
  return run_s(std::move(words));
}

/// The best of a few, each begun with nothing left to be written: what comes between only slows.
double best_s(const std::function<void()>& prepare, const std::function<double()>& work) {
  double best = 0;
  for (int i = 0; i < rounds; ++i) {
    prepare();
    sync();
    const auto took = work();
    best = i == 0 ? took : std::min(best, took);
  }
  return best;
}

void fill(const std::string& data, position until) {
  engine e{data, {"--snapshot-events", "0"}};
  centre c{e};
  c.prepare(0);
  while (c.head() < until)
    c.closed(in_flight, std::min<std::uint64_t>(round_us, (until - c.head()) * 20 + 50'000));
}

struct records {
  std::vector<std::string> rows;
  std::uint64_t bytes = 0;
  store::chain_hash hash{};
};

records all_records(const std::string& data) {
  store::open_options options;
  options.place = data;
  options.read_only = true;
  const auto log = store::open_event_log(options);
  if (!log)
    give_up(log.error().detail);
  records all;
  all.hash = (*log)->head_hash();
  for (store::read_options what; what.after < (*log)->head();) {
    const auto page = (*log)->read(what);
    if (!page)
      give_up(page.error().detail);
    for (const auto& e : page->events) {
      encode_record(e, all.rows.emplace_back());
      all.bytes += all.rows.back().size();
    }
    what.after = page->next;
  }
  return all;
}

double hash_s(const records& of) {
  return best_s([] {}, [&] {
    const auto began_us = store::steady_us();
    store::chain_hash hash{};
    for (const auto& row : of.rows)
      hash = store::next_hash(hash, row);
    if (hash != of.hash)
      give_up("the records do not lead to the log's head");
    return static_cast<double>(store::steady_us() - began_us) / 1e6;
  });
}

/// Prints one line of the table, beside `cp` + sync + hash of the same.
class table {
public:
  table(const records& of, double raw_s) : of_(of), raw_s_(raw_s) {
    std::printf("%-44s %8s %9s %11s %s\n", "", "s", "MiB/s", "events/s", "of cp + sync + hash");
  }
  void row(const char* what, double took_s) const {
    std::printf("%-44s %8.3f %9.1f %11.0f %6.2f\n", what, took_s,
                static_cast<double>(of_.bytes) / 1048576 / took_s,
                static_cast<double>(of_.rows.size()) / took_s, took_s / raw_s_);
    std::fflush(stdout);
  }

private:
  const records& of_;
  double raw_s_;
};

void copies(const table& to, const std::string& data, const std::string& folder) {
  const auto backup = folder + "/backup";
  const auto other = folder + "/other";
  const auto without = [](std::string path) {
    return [path = std::move(path)] { fs::remove_all(path); };
  };
  to.row("log verify", best_s([] {}, [&] { return log_s({"verify", "--data", data}); }));
  to.row("log backup, full", best_s(without(backup), [&] {
           return log_s({"backup", backup, "--data", data});
         }));
  to.row("log backup, nothing new",
         best_s([] {}, [&] { return log_s({"backup", backup, "--data", data}); }));
  to.row("log restore --dry-run",
         best_s([] {}, [&] { return log_s({"restore", backup, "--dry-run"}); }));
  to.row("log restore",
         best_s(without(other), [&] { return log_s({"restore", backup, "--data", other}); }));
  for (const std::string form : {"jsonl", "msgpack"}) {
    const auto file = folder + "/all." + form;
    to.row(("log export, " + form).c_str(), best_s(without(file), [&] {
             return log_s({"export", file, "--format", form, "--data", data});
           }));
    to.row(("log import, " + form).c_str(),
           best_s(without(other), [&] { return log_s({"import", file, "--data", other}); }));
    fs::remove(file);
  }
}

/// A backup that only adds: what each event of it costs, and what it costs before the first.
void print_incremental(const std::string& data, const std::string& backup, position had) {
  fill(data, had + between);
  sync();
  const auto took_s = log_s({"backup", backup, "--data", data});
  std::printf("\nlog backup, %llu events more: %.3f s, %.0f events/s\n",
              static_cast<unsigned long long>(between), took_s,
              static_cast<double>(between) / took_s);
}

int run(position events, const std::string& folder) {
  std::printf("%s; %s\n", machine().c_str(), folder.c_str());
  const auto data = folder + "/data";
  const auto file = data + "/log/data.mdb";
  fill(data, events);
  const auto all = all_records(data);
  const auto each = static_cast<double>(all.bytes) / static_cast<double>(all.rows.size());
  std::printf("%zu events, %.0f bytes each, %.0f MiB of them in a log of %.0f MiB\n\n",
              all.rows.size(), each, static_cast<double>(all.bytes) / 1048576,
              static_cast<double>(fs::file_size(file)) / 1048576);
  const auto copied = folder + "/copied";
  const auto cp = best_s([&] { fs::remove(copied); }, [&] {
    return run_s({"cp", "--reflink=never", file, copied}) + run_s({"sync", "--data", copied});
  });
  fs::remove(copied);
  const auto hash = hash_s(all);
  const table to{all, cp + hash};
  to.row("cp + sync of the log's file", cp);
  to.row("the chain's hash over the records in memory", hash);
  copies(to, data, folder);
  print_incremental(data, folder + "/backup", all.rows.size());
  return 0;
}

} // namespace
} // namespace careline::bench

int main(int argc, char** argv) {
  const auto events = static_cast<careline::position>(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
  return careline::bench::in_scratch_folder(
      argc > 2 ? argv[2] : nullptr,
      [&](const std::string& folder) { return careline::bench::run(events, folder); });
}
