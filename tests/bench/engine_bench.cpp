// What the whole engine costs: the real program over its real bus, closed loop at 1 to 256 contacts
// in flight and open loop at a fixed rate, beside raw LMDB commits and raw fdatasync on the same
// disk in the same run, so that the ratios mean something (docs/performance.md). Not a test.
//   engine_bench [seconds for each figure] [contacts waiting beforehand] [folder] [in flight ...]
// The program is $CARELINE_BIN, or the one beside the benchmarks.

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <vector>

#include <lmdb.h>
#include <unistd.h>

#include "store/stopwatch.hpp"
#include "tests/bench/live_engine.hpp"

namespace careline {
namespace {

using namespace bench;
using store::steady_us;

void check(int error, const char* doing) {
  if (error != 0)
    give_up(std::string{doing} + ": " + mdb_strerror(error));
}

// What the disk and LMDB alone can do with what the engine writes for the same contacts: ten events
// of 400 bytes a contact and the remembered reply of each of its three commands.
constexpr std::size_t commands_of_contact = 3;
constexpr std::size_t events_of_contact = 10;
constexpr std::size_t event_bytes = 400;

struct raw_figure {
  double contacts_per_second = 0;
  waits commits;
};

raw_figure measure(std::size_t in_group, std::uint64_t run_us, auto commit) {
  raw_figure out;
  const auto began = steady_us();
  while (steady_us() - began < run_us) {
    const auto from = steady_us();
    commit();
    out.commits.push_back(steady_us() - from);
  }
  const auto took_s = static_cast<double>(steady_us() - began) / 1e6;
  out.contacts_per_second = static_cast<double>(out.commits.size() * in_group)
                            / static_cast<double>(commands_of_contact) / took_s;
  return out;
}

/// So many commands a commit, each commit synced.
raw_figure raw_lmdb(const std::string& folder, std::size_t in_group, std::uint64_t run_us) {
  std::filesystem::create_directories(folder);
  MDB_env* env = nullptr;
  check(mdb_env_create(&env), "mdb_env_create");
  check(mdb_env_set_mapsize(env, std::size_t{16} << 30U), "mdb_env_set_mapsize");
  check(mdb_env_set_maxdbs(env, 2), "mdb_env_set_maxdbs");
  check(mdb_env_open(env, folder.c_str(), 0, 0600), "mdb_env_open");
  const std::string body(event_bytes, 'd');
  std::uint64_t event = 0;
  std::uint64_t command = 0;
  auto out = measure(in_group, run_us, [&] {
    MDB_txn* txn = nullptr;
    MDB_dbi log = 0;
    MDB_dbi known = 0;
    check(mdb_txn_begin(env, nullptr, 0, &txn), "mdb_txn_begin");
    check(mdb_dbi_open(txn, "log", MDB_CREATE | MDB_INTEGERKEY, &log), "mdb_dbi_open");
    check(mdb_dbi_open(txn, "commands", MDB_CREATE, &known), "mdb_dbi_open");
    const auto put = [&](MDB_dbi table, const std::string& key, std::size_t bytes, unsigned how) {
      MDB_val k{key.size(), const_cast<char*>(key.data())};
      MDB_val v{bytes, const_cast<char*>(body.data())};
      check(mdb_put(txn, table, &k, &v, how), "mdb_put");
    };
    for (std::size_t i = 0; i < in_group; ++i) {
      put(known, std::to_string(10'000'000'000 + ++command) + "-of-a-client", 64, 0);
      const auto upto = command * events_of_contact / commands_of_contact;
      for (; event < upto; ++event)
        put(log, {reinterpret_cast<const char*>(&event), sizeof event}, event_bytes, MDB_APPEND);
    }
    check(mdb_txn_commit(txn), "mdb_txn_commit");
  });
  mdb_env_close(env);
  std::filesystem::remove_all(folder);
  return out;
}

/// The same bytes written behind each other, and synced.
raw_figure raw_fdatasync(const std::string& file, std::size_t in_group, std::uint64_t run_us) {
  const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  if (fd < 0)
    give_up("cannot make " + file);
  const std::string body(in_group * event_bytes * events_of_contact / commands_of_contact, 'd');
  auto out = measure(in_group, run_us, [&] {
    if (::write(fd, body.data(), body.size()) < 0 || ::fdatasync(fd) != 0)
      give_up("cannot write " + file);
  });
  ::close(fd);
  std::filesystem::remove(file);
  return out;
}

void print_raw(const char* what, std::size_t in_flight, raw_figure f) {
  std::printf("%-14s %9zu %11.0f   commit p50 %.2f, p99 %.2f ms\n", what, in_flight,
              f.contacts_per_second, percentile(f.commits, 0.5), percentile(f.commits, 0.99));
  std::fflush(stdout);
}

void print(const char* what, std::size_t in_flight, figure f) {
  std::printf("%-14s %9zu %11.0f %8.2f %8.2f %8.2f %10.2f %10.2f %6.2f %6llu\n", what, in_flight,
              f.per_second, percentile(f.offered, 0.5), percentile(f.offered, 0.99),
              percentile(f.offered, 0.999), percentile(f.finished, 0.5),
              percentile(f.finished, 0.99), f.cpu, static_cast<unsigned long long>(f.busy));
  std::fflush(stdout);
}

int run(double seconds, std::size_t waiting, const std::vector<std::size_t>& in_flights,
        const std::string& folder) {
  const auto run_us = static_cast<std::uint64_t>(seconds * 1e6);
  std::printf("%s; %zu contacts waiting beforehand; %s\n", bench::machine().c_str(), waiting,
              folder.c_str());
  engine e{folder + "/data"};
  centre c{e};
  const auto empty_mib = e.private_mib();
  c.prepare(waiting);
  std::printf("private memory: %.1f MiB, before the contacts %.1f MiB\n", e.private_mib(),
              empty_mib);
  std::printf("%-14s %9s %11s %8s %8s %8s %10s %10s %6s %6s\n", "", "in flight", "contacts/s",
              "open p50", "p99", "p99.9", "whole p50", "p99 (ms)", "cores", "busy");
  for (const auto in_flight : in_flights) {
    auto whole = c.closed(in_flight, run_us);
    const auto got = whole.per_second;
    print("engine", in_flight, std::move(whole));
    auto lmdb = raw_lmdb(folder + "/raw", in_flight, run_us);
    const auto can = lmdb.contacts_per_second;
    print_raw("raw LMDB", in_flight, std::move(lmdb));
    print_raw("raw fdatasync", in_flight, raw_fdatasync(folder + "/raw", in_flight, run_us));
    std::printf("%-14s %9zu %11.2f\n", "engine / LMDB", in_flight, got / can);
  }
  for (const double rate : {200.0, 1000.0})
    print(rate < 500 ? "open 200/s" : "open 1000/s", slots_max, c.open(rate, run_us));
  return 0;
}

} // namespace
} // namespace careline

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
  const auto waiting = static_cast<std::size_t>(argc > 2 ? std::atol(argv[2]) : 10'000);
  std::vector<std::size_t> in_flights;
  for (int i = 4; i < argc; ++i)
    in_flights.push_back(static_cast<std::size_t>(std::atol(argv[i])));
  if (in_flights.empty())
    in_flights = {1, 16, 64, 256};
  return careline::bench::in_scratch_folder(
      argc > 3 ? argv[3] : nullptr, [&](const std::string& folder) {
        return careline::run(seconds, waiting, in_flights, folder);
      });
}
