// What durability costs: the log's writer against raw LMDB group commit and raw fdatasync, all in
// one run on one disk, so that the ratios mean something (docs/performance.md). Not a test.
//   store_bench [folder] [seconds for each figure]

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include "messages/uuid.hpp"
#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/keys/key_store.hpp"
#include "store/row.hpp"
#include "store/stopwatch.hpp"
#include "store/writer.hpp"
#include "tests/bench/live_engine.hpp"

namespace careline::store {
namespace {

constexpr std::uint64_t map_bytes = 16ULL << 30U;
const instant morning = from_ms(1'772'413'200'000);

event_record sample(std::uint64_t n) {
  event_record e;
  e.type = n % 2 == 0 ? "contact.queued" : "contact.assigned";
  e.subject = "contact/C-" + std::to_string(n / 2);
  e.actor = "phone-1";
  e.time = morning + span{n};
  e.causation = "019cacb6-3c80-7000-8000-000000000001";
  e.correlation = e.subject;
  e.data = std::string(200, 'd');
  return e;
}

double percentile(std::vector<std::uint64_t>& us, double share) {
  if (us.empty())
    return 0;
  std::sort(us.begin(), us.end());
  return static_cast<double>(us[std::min(
      us.size() - 1, static_cast<std::size_t>(share * static_cast<double>(us.size())))]);
}

struct figure {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

figure figure_of(std::uint64_t done, std::uint64_t took_us, std::vector<std::uint64_t> waits) {
  return {1e6 * static_cast<double>(done) / static_cast<double>(took_us), percentile(waits, 0.5),
          percentile(waits, 0.99)};
}

/// Keeps `in_flight` batches of one event and one command under way (closed loop: whoever is
/// answered sends the next one).
class closed_loop {
public:
  closed_loop(log_writer& to, std::size_t in_flight, std::uint64_t run_us)
      : to_(to), run_us_(run_us), left_(in_flight) {
    began_us_ = steady_us();
    for (std::size_t i = 0; i < in_flight; ++i)
      send();
  }
  figure wait() {
    std::unique_lock hold{mutex_};
    ended_.wait(hold, [this] { return left_ == 0; });
    const auto done = waits_.size();
    return figure_of(done, steady_us() - began_us_, std::move(waits_));
  }

private:
  void send() {
    const auto n = count_.fetch_add(1);
    batch b;
    b.events.push_back(sample(n));
    b.command.emplace(command_key{"phone-1", ids_.make(morning + span{n}).text()}, remembered{});
    const auto sent_us = steady_us();
    to_.submit(std::move(b),
               [this, sent_us](const auto& outcome) { answered(sent_us, bool(outcome)); });
  }
  void answered(std::uint64_t sent_us, bool good) {
    const auto now_us = steady_us();
    bool goes_on = good && now_us - began_us_ < run_us_;
    {
      const std::scoped_lock hold{mutex_};
      waits_.push_back(now_us - sent_us);
      if (!goes_on && --left_ == 0)
        ended_.notify_one();
    }
    if (goes_on)
      send();
  }

  log_writer& to_;
  std::uint64_t run_us_;
  std::uint64_t began_us_ = 0;
  uuid7_maker ids_;
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t left_;
  std::vector<std::uint64_t> waits_;
};

figure through_writer(const std::string& folder, std::size_t in_flight, std::uint64_t run_us) {
  open_options o;
  o.place = folder + "/engine-" + std::to_string(in_flight);
  o.map_bytes = map_bytes;
  auto log = open_event_log(o);
  if (!log)
    return {};
  log_writer writer{**log, {}};
  closed_loop loop{writer, in_flight, run_us};
  return loop.wait();
}

/// The hashing that the log does for one command with one event, in its own functions: the chain's
/// step, and the sum of the reply that is remembered.
void hash_as_the_log(chain_hash& chain, const std::string& row) {
  constexpr std::string_view key = "a command's key, 32 bytes of it.";
  chain = next_hash(chain, row);
  static_cast<void>(encode_remembered(key, remembered{}));
}

/// And for one group: what it changes in the sum of the table of last positions, two types' rows
/// taken out and put in.
void hash_as_the_meta_table() {
  for (int i = 0; i < 4; ++i)
    static_cast<void>(blake256("previous/contact.assigned, eight"));
}

/// The same bytes with nothing around them: one table, one transaction for `group` rows.
figure raw_lmdb(const std::string& folder, std::size_t group, std::uint64_t run_us,
                bool hashed = false) {
  const auto place = folder + "/raw-" + std::to_string(group) + (hashed ? "-hashed" : "");
  std::filesystem::create_directories(place);
  MDB_env* env = nullptr;
  mdb_env_create(&env);
  mdb_env_set_mapsize(env, map_bytes);
  mdb_env_open(env, place.c_str(), 0, 0640);
  MDB_dbi table = 0;
  MDB_txn* txn = nullptr;
  mdb_txn_begin(env, nullptr, 0, &txn);
  mdb_dbi_open(txn, nullptr, MDB_INTEGERKEY | MDB_CREATE, &table);
  mdb_txn_commit(txn);
  std::string row;
  encode_record(sample(1), row);
  std::uint64_t n = 0;
  chain_hash chain{};
  std::vector<std::uint64_t> waits;
  const auto began_us = steady_us();
  while (steady_us() - began_us < run_us) {
    const auto at_us = steady_us();
    mdb_txn_begin(env, nullptr, 0, &txn);
    if (hashed)
      hash_as_the_meta_table();
    for (std::size_t i = 0; i < group; ++i) {
      if (hashed)
        hash_as_the_log(chain, row);
      MDB_val key{sizeof n, &n};
      MDB_val bytes{row.size(), row.data()};
      mdb_put(txn, table, &key, &bytes, MDB_APPEND);
      ++n;
    }
    mdb_txn_commit(txn);
    waits.push_back(steady_us() - at_us);
  }
  const auto f = figure_of(n, steady_us() - began_us, std::move(waits));
  mdb_env_close(env);
  return f;
}

/// The disk itself: `group` records written over a preallocated file, one fdatasync.
figure raw_sync(const std::string& folder, std::size_t group, std::uint64_t run_us) {
  const auto path = folder + "/raw-sync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  const std::string zeros(64U << 20U, '\0');
  if (::pwrite(file, zeros.data(), zeros.size(), 0) < 0 || ::fsync(file) != 0)
    return {};
  std::string row;
  encode_record(sample(1), row);
  std::string rows;
  for (std::size_t i = 0; i < group; ++i)
    rows += row;
  std::uint64_t n = 0;
  off_t at = 0;
  std::vector<std::uint64_t> waits;
  const auto began_us = steady_us();
  while (steady_us() - began_us < run_us) {
    const auto at_us = steady_us();
    if (at + static_cast<off_t>(rows.size()) > static_cast<off_t>(zeros.size()))
      at = 0;
    if (::pwrite(file, rows.data(), rows.size(), at) < 0 || ::fdatasync(file) != 0)
      break;
    at += static_cast<off_t>(rows.size());
    n += group;
    waits.push_back(steady_us() - at_us);
  }
  const auto f = figure_of(n, steady_us() - began_us, std::move(waits));
  ::close(file);
  std::filesystem::remove(path);
  return f;
}

void print(const char* what, std::size_t in_flight, const figure& f) {
  std::printf("%-34s %5zu  %10.0f /s   p50 %7.0f us   p99 %7.0f us\n", what, in_flight,
              f.per_second, f.p50_us, f.p99_us);
  std::fflush(stdout);
}

void durability(const std::string& folder, std::uint64_t run_us) {
  for (const std::size_t in_flight : {1U, 16U, 64U, 256U}) {
    const auto ours = through_writer(folder, in_flight, run_us);
    const auto lmdb = raw_lmdb(folder, in_flight, run_us);
    const auto sync = raw_sync(folder, in_flight, run_us);
    print("log_writer (events + commands)", in_flight, ours);
    print("raw LMDB, one table, group commit", in_flight, lmdb);
    print("raw fdatasync, preallocated", in_flight, sync);
    std::printf(
        "  rate: %.2f of raw LMDB, %.2f of the disk; p50: %.2f x raw LMDB, %.2f x the disk\n\n",
        ours.per_second / lmdb.per_second, ours.per_second / sync.per_second,
        ours.p50_us / lmdb.p50_us, ours.p50_us / sync.p50_us);
  }
}

/// How often `what` is done in a second.
double rate(std::uint64_t count, const std::function<void()>& what) {
  const auto began_us = steady_us();
  what();
  return 1e6 * static_cast<double>(count)
         / static_cast<double>(std::max<std::uint64_t>(steady_us() - began_us, 1));
}

void replay(const std::string& folder) {
  constexpr std::uint64_t events = 500'000;
  constexpr std::uint64_t group = 2000;
  open_options o;
  o.place = folder + "/replay";
  o.map_bytes = map_bytes;
  auto log = open_event_log(o);
  if (!log)
    return;
  const auto wrote = rate(events, [&] {
    for (std::uint64_t n = 0; n < events; n += group) {
      std::vector<batch> batches(1);
      for (std::uint64_t i = 0; i < group; ++i)
        batches[0].events.push_back(sample(n + i));
      (*log)->append(std::move(batches), n, (*log)->epoch(), [](const auto&) {});
    }
  });
  std::printf("append, groups of %llu %28.0f events/s\n", static_cast<unsigned long long>(group),
              wrote);
  std::uint64_t read_events = 0;
  const auto read = rate(events, [&] {
    read_options what;
    while (what.after < events) {
      const auto page = (*log)->read(what);
      if (!page)
        break;
      read_events += page->events.size();
      what.after = page->next;
    }
  });
  std::printf("replay: read, check the chain, decode %13.0f events/s (%llu)\n", read,
              static_cast<unsigned long long>(read_events));
  std::printf("verify: the same and encode anew %18.0f events/s\n",
              rate(events, [&] { static_cast<void>(verify_log(**log)); }));
  constexpr int asked = 2000;
  std::printf("one contact's stream %30.0f /s\n", rate(asked, [&] {
                for (int i = 0; i < asked; ++i)
                  static_cast<void>((*log)->read_stream("contact/C-" + std::to_string(i * 7)));
              }));
}

void sealing(const std::string& folder) {
  auto keys = open_key_store(folder + "/keys");
  if (!keys)
    return;
  constexpr std::uint64_t count = 1'000'000;
  const std::string clear(50, 'n');
  std::vector<person_id> known;
  for (int i = 0; i < 1000; ++i)
    known.push_back((*keys)->person_of(std::to_string(i)));
  for (const auto& person : known)
    static_cast<void>((*keys)->seal(person, clear));
  std::printf("seal 50 bytes, 1000 known persons %17.0f /s\n", rate(count, [&] {
                for (std::uint64_t i = 0; i < count; ++i)
                  static_cast<void>((*keys)->seal(known[i % known.size()], clear));
              }));
  const auto sealed = (*keys)->seal(known[0], clear).value_or("");
  std::printf("open 50 bytes %37.0f /s\n", rate(count, [&] {
                for (std::uint64_t i = 0; i < count; ++i)
                  static_cast<void>((*keys)->open(known[0], sealed));
              }));
  constexpr std::uint64_t persons = 20'000;
  std::printf("seal, each time a new person %22.0f /s\n", rate(persons, [&] {
                for (std::uint64_t i = 0; i < persons; ++i)
                  static_cast<void>((*keys)->seal(person_id{"P-new-" + std::to_string(i)}, clear));
              }));
}

/// What the chain and the sums cost: their own rate, their share of the writer's time, and raw
/// LMDB with and without them.
void chain(const std::string& folder, std::uint64_t run_us) {
  constexpr std::uint64_t count = 1'000'000;
  std::string row;
  encode_record(sample(1), row);
  chain_hash hash{};
  std::printf("chain step over %zu bytes %25.0f /s\n", row.size(), rate(count, [&] {
                for (std::uint64_t i = 0; i < count; ++i)
                  hash = next_hash(hash, row);
              }));
  const auto hashed = rate(count, [&] {
    for (std::uint64_t i = 0; i < count; ++i)
      hash_as_the_log(hash, row);
  });
  std::printf("chain step and a reply's sum %22.0f /s\n", hashed);
  for (const std::size_t in_flight : {64U, 256U}) {
    const auto place = folder + "/chain-" + std::to_string(in_flight);
    std::filesystem::create_directories(place);
    const auto ours = through_writer(place, in_flight, run_us);
    const auto bare = raw_lmdb(place, in_flight, run_us);
    const auto with = raw_lmdb(place, in_flight, run_us, true);
    std::printf("%zu in flight: hashing is %.1f %% of the log writer's time; raw LMDB with chain "
                "and sums %.0f rows/s, without %.0f: %.3f\n",
                in_flight, 100 * ours.per_second / hashed, with.per_second, bare.per_second,
                with.per_second / bare.per_second);
  }
}

} // namespace
} // namespace careline::store

int main(int argc, char** argv) {
  using namespace careline;
  const auto run_us = static_cast<std::uint64_t>(1e6 * (argc > 2 ? std::stod(argv[2]) : 3.0));
  return bench::in_scratch_folder(argc > 1 ? argv[1] : nullptr, [&](const std::string& folder) {
    std::printf("%s; LMDB default flags (synced); %s\n\n", bench::machine().c_str(),
                folder.c_str());
    store::durability(folder, run_us);
    store::replay(folder);
    store::chain(folder, run_us);
    store::sealing(folder);
    return 0;
  });
}
