// What proving a log costs: `verify` over a log on disk (in the page cache) beside BLAKE2b alone,
// over the same records in memory one after the other, and over all their bytes at once; and what
// signing its head costs. Not a test (docs/performance.md).
//   verify_bench [events] [folder]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/keys/signing.hpp"
#include "store/stopwatch.hpp"
#include "tests/bench/live_engine.hpp"

namespace careline::store {
namespace {

constexpr int rounds = 3;
constexpr std::uint64_t group = 2000;
const instant morning = from_ms(1'772'413'200'000);
constexpr const char* types[] = {"contact.opened",   "contact.triaged", "contact.queued",
                                 "offer.made",       "offer.accepted",  "contact.connected",
                                 "contact.finished", "agent.state_changed"};

event_record sample(std::uint64_t n) {
  event_record e;
  e.type = types[n % std::size(types)];
  e.subject = "contact/C-" + std::to_string(n / 8);
  e.actor = "phone-1";
  e.time = morning + span{n};
  e.causation = "019cacb6-3c80-7000-8000-000000000001";
  e.correlation = e.subject;
  e.data = std::string(150, 'd');
  return e;
}

struct side {
  double seconds = 0;
  bool is_good = false;
};

/// The best of a few, as what comes between only slows.
side best_of(const std::function<bool()>& what) {
  side best;
  for (int i = 0; i < rounds; ++i) {
    const auto began_us = steady_us();
    const bool good = what();
    const auto took = static_cast<double>(steady_us() - began_us) / 1e6;
    if (i == 0 || took < best.seconds)
      best = {took, good};
  }
  return best;
}

void print(const char* what, const side& s, std::uint64_t events, std::uint64_t bytes) {
  std::printf("%-48s %10.0f records/s %8.1f MiB/s%s\n", what,
              static_cast<double>(events) / s.seconds,
              static_cast<double>(bytes) / 1048576 / s.seconds, s.is_good ? "" : "  WRONG");
  std::fflush(stdout);
}

bool fill(event_log& log, std::uint64_t events) {
  bool good = true;
  for (std::uint64_t n = 0; n < events && good; n += group) {
    std::vector<batch> batches(1);
    for (std::uint64_t i = n; i < std::min(n + group, events); ++i)
      batches[0].events.push_back(sample(i));
    log.append(std::move(batches), log.head(), log.epoch(),
               [&](const auto& outcome) { good = outcome.has_value(); });
  }
  return good;
}

void signing(const event_log& log) {
  const signing_key key{secret_key::random()};
  const auto hash = log.head_hash();
  constexpr std::uint64_t count = 20'000;
  signed_head head;
  const auto signs = best_of([&] {
    for (std::uint64_t i = 0; i < count; ++i)
      head = key.sign(log.head(), hash, morning + span{i});
    return true;
  });
  const auto checks = best_of([&] {
    bool good = true;
    for (std::uint64_t i = 0; i < count; ++i)
      good = key.shown().has_signed(head) && good;
    return good;
  });
  std::printf("sign a head %46.0f /s\ncheck one %48.0f /s\n",
              static_cast<double>(count) / signs.seconds,
              static_cast<double>(count) / checks.seconds);
}

int run(std::uint64_t events, const std::string& folder) {
  std::printf("%s; %s\n", bench::machine().c_str(), folder.c_str());
  open_options options;
  options.place = folder;
  options.map_bytes = 16ULL << 30U;
  auto log = open_event_log(options);
  if (!log || !fill(**log, events))
    bench::give_up("the log could not be filled");
  const auto figures = count_log(**log);
  if (!figures)
    bench::give_up("the log could not be read");
  std::vector<std::string> records;
  std::string all;
  for (read_options what; what.after < events;) {
    const auto page = (*log)->read(what);
    if (!page)
      bench::give_up("the log could not be read");
    for (const auto& e : page->events) {
      encode_record(e, records.emplace_back());
      all += records.back();
    }
    what.after = page->next;
  }
  std::printf("%llu records, %llu bytes each\n\n", static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(figures->bytes / events));
  const auto verify = best_of([&] { return bool(verify_log(**log)); });
  const auto chain = best_of([&] {
    chain_hash hash{};
    for (const auto& record : records)
      hash = next_hash(hash, record);
    return hash == (*log)->head_hash();
  });
  const auto bulk = best_of([&] { return blake256(all) != chain_hash{}; });
  print("verify: walk, chain, links, the log on disk", verify, events, figures->bytes);
  print("BLAKE2b chained over the same records in memory", chain, events, figures->bytes);
  print("BLAKE2b over all their bytes at once", bulk, events, figures->bytes);
  std::printf("verify takes %.2f times the chain's own hashing, %.2f times the bytes'\n\n",
              verify.seconds / chain.seconds, verify.seconds / bulk.seconds);
  signing(**log);
  return 0;
}

} // namespace
} // namespace careline::store

int main(int argc, char** argv) {
  const auto events = static_cast<std::uint64_t>(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
  return careline::bench::in_scratch_folder(
      argc > 2 ? argv[2] : nullptr,
      [&](const std::string& folder) { return careline::store::run(events, folder); });
}
