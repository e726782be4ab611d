#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <random>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/inspect.hpp"
#include "store/keys/signing.hpp"
#include "store/lost_log.hpp"
#include "store/snapshots.hpp"
#include "flips.hpp"
#include "story.hpp"

// A disk that changes single bits in what LMDB keeps for itself: meta pages, the heads of pages,
// the tree. Such a file may make its reader crash, so that each is looked at in a child process.

namespace careline::store {
namespace {

using namespace story;
using namespace flips;

/// Groups of all kinds of rows, one transaction each, as an engine writes them.
struct grouped_log {
  static constexpr std::size_t events_of_group = 12;

  explicit grouped_log(std::size_t groups) {
    options.place = folder.path();
    options.map_bytes = 64 << 20;
    options.reserve_bytes = 1 << 20;
    auto log = open_event_log(options).value();
    heads.push_back(0);
    for (std::size_t n = 1; n <= groups; ++n) {
      auto group = queued(events_of_group - 1, n * 100);
      group.push_back(answering(happened("contact.opened", "contact/C-" + std::to_string(n)),
                                "phone-1", id_at(morning, static_cast<unsigned>(n))));
      group.back().checkpoints = {{"care", n}};
      asked.push_back(group.back().command->first);
      REQUIRE(append(*log, std::move(group)));
      heads.push_back(log->head());
    }
    events = read_all(*log);
    REQUIRE(events.size() == groups * events_of_group);
    for (position at = 0; at <= log->head(); ++at)
      hashes.push_back(log->hash_at(at).value());
    for (const auto& key : asked)
      answers.push_back(log->find_command(key).value().value());
    log.reset();
    file = slurp(folder.path() + "/log/data.mdb");
  }

  scratch_folder folder{scratch_place::in_memory};
  open_options options;
  std::vector<position> heads;  ///< after each group
  std::vector<event_record> events;
  std::vector<chain_hash> hashes;
  std::vector<command_key> asked;  ///< one of each group
  std::vector<remembered> answers;
  std::string file;
};

enum class fate { refused, whole, shorter, wrong, died };
struct verdict {
  std::size_t image = 0;
  fate what = fate::died;
  char why[240] = {};
};

verdict told(fate what, const std::string& why = {}) {
  verdict v;
  v.what = what;
  why.copy(v.why, sizeof v.why - 1);
  return v;
}

/// Reads all that there is. Nothing: each record is as it was written.
std::optional<verdict> read_through(const event_log& log, const grouped_log& as) {
  read_options what;
  what.limit = 100;
  while (what.after < log.head()) {
    const auto page = log.read(what);
    if (!page)
      return told(fate::refused, page.error().detail);
    for (const auto& e : page->events)
      if (e.at == 0 || e.at > as.events.size() || e != as.events[e.at - 1])
        return told(fate::wrong, "another event is served at " + std::to_string(e.at));
    if (page->next <= what.after)
      return told(fate::wrong, "the reading stands still");
    what.after = page->next;
  }
  const auto verified = verify_log(log);
  if (!verified)
    return told(fate::refused, verified.error().detail);
  if (verified->head != log.head() || verified->hash != as.hashes[log.head()])
    return told(fate::wrong, "another chain is verified");
  return std::nullopt;
}

/// The answers and the checkpoint that belong to the head.
std::optional<verdict> look_beside(const event_log& log, const grouped_log& as,
                                   std::size_t groups) {
  for (std::size_t n = 0; n < as.asked.size(); ++n) {
    const auto found = log.find_command(as.asked[n]);
    if (!found)
      return told(fate::refused, found.error().detail);
    if (found->has_value() != (n < groups))
      return told(fate::wrong, "an answer is forgotten, or there before its event");
    if (*found && ((*found)->at != as.answers[n].at || (*found)->data != as.answers[n].data))
      return told(fate::wrong, "an answer is told otherwise");
  }
  const auto at = log.find_checkpoint("care");
  if (!at)
    return told(fate::refused, at.error().detail);
  if (at->value_or(0) != groups)
    return told(fate::wrong, "the checkpoint is not the head's");
  return std::nullopt;
}

verdict look_at(const grouped_log& as, bool read_only) {
  auto options = as.options;
  options.read_only = read_only;
  const auto opened = open_event_log(options);
  if (!opened)
    return told(opened.error().detail.empty() ? fate::wrong : fate::refused,
                opened.error().detail);
  const auto& log = **opened;
  const auto& place = as.folder.path();
  if (log.head() == 0 && trace_of_log(place, place + "/heads.jsonl"))
    return told(fate::refused, "an engine begins no new log here");
  const auto group = std::find(as.heads.begin(), as.heads.end(), log.head());
  if (group == as.heads.end())
    return told(fate::wrong, "the log ends at " + std::to_string(log.head()) + ", in a group");
  if (auto v = read_through(log, as))
    return *v;
  if (auto v = look_beside(log, as, static_cast<std::size_t>(group - as.heads.begin())))
    return *v;
  return log.head() == as.heads.back()
             ? told(fate::whole)
             : told(fate::shorter, "the log ends at " + std::to_string(log.head()));
}

/// A child looks at so many images; whoever hangs is ended.
constexpr std::size_t images_of_child = 50;
constexpr unsigned child_s_max = 120;

enum class opened { both_ways, for_writing };

[[noreturn]] void look_at_some(const grouped_log& as, const std::vector<std::size_t>& bits,
                               std::size_t from, opened how, int tell) {
  for (const int fatal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV})
    std::signal(fatal, SIG_DFL);  // Catch's would tell it as the end of all tests
  ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
  ::alarm(child_s_max);
  const auto end = std::min(bits.size(), from + images_of_child);
  for (auto i = from; i < end; ++i) {
    auto changed = as.file;
    flip_bit(changed, bits[i]);
    spill(as.folder.path() + "/log/data.mdb", changed);
    auto v = look_at(as, how == opened::both_ways && i % 2 == 0);
    v.image = i;
    if (::write(tell, &v, sizeof v) != sizeof v)
      std::_Exit(1);
  }
  std::_Exit(0);
}

/// What became of the log with each of these bits changed, one at a time.
std::vector<verdict> with_changed(const grouped_log& as, const std::vector<std::size_t>& bits,
                                  opened how = opened::both_ways) {
  std::vector<verdict> all;
  while (all.size() < bits.size()) {
    int tell[2];
    REQUIRE(::pipe(tell) == 0);
    const auto child = ::fork();
    if (child == 0)
      look_at_some(as, bits, all.size(), how, tell[1]);
    ::close(tell[1]);
    for (verdict v; ::read(tell[0], &v, sizeof v) == sizeof v;)
      all.push_back(v);
    ::close(tell[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      all.push_back(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM
                        ? told(fate::wrong, "whoever opens it hangs")
                        : told(fate::died));
  }
  spill(as.folder.path() + "/log/data.mdb", as.file);
  return all;
}

/// Each of LMDB 0.9's first two pages has what it says of a state at 16 to 152.
constexpr std::size_t page_bytes = 4096;
constexpr std::size_t said_from = 16;
constexpr std::size_t transaction_at = 144;
constexpr std::size_t said_until = 152;
/// Each other page has there, in two bytes, where the list of its rows ends.
constexpr std::size_t rows_end_at = 12;

std::vector<std::size_t> bits_of_transactions() {
  std::vector<std::size_t> bits;
  for (const std::size_t page : {0U, 1U})
    for (std::size_t bit = 0; bit < 64; ++bit)
      bits.push_back(8 * (page * page_bytes + transaction_at) + bit);
  return bits;
}

/// What a state is found by; in the long form bit by bit.
std::vector<std::size_t> bits_of_states() {
  auto bits = bits_of_transactions();
  for (const std::size_t page : {0U, 1U})
    for (auto bit = 8 * said_from; bit < 8 * transaction_at; bit += so_many(7, 1))
      bits.push_back(8 * page * page_bytes + bit);
  return bits;
}

struct counted {
  std::array<std::size_t, 5> of{};
  std::size_t operator[](fate what) const { return of[static_cast<std::size_t>(what)]; }
};

/// None may be wrong.
counted count(const std::vector<verdict>& all, const std::vector<std::size_t>& bits,
              bool may_be_shorter = true) {
  counted c;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ++c.of[static_cast<std::size_t>(all[i].what)];
    INFO("bit " << bits[i] % 8 << " of byte " << bits[i] / 8 << ": " << all[i].why);
    CHECK(all[i].what != fate::wrong);
    CHECK((may_be_shorter || all[i].what != fate::shorter));
  }
  return c;
}

TEST_CASE("bit flips: a log whose file has any bit changed is refused, whole or a whole beginning",
          "[R2.2.3][R2.3.5]") {
  const grouped_log log{60};
  auto bits = bits_of_transactions();
  std::mt19937 random{20260302};  // NOLINT: the same flips each time
  const auto add = [&](std::size_t times, std::size_t page, std::size_t from, std::size_t until) {
    for (std::size_t n = 0; n < times; ++n)
      bits.push_back(8 * (page * page_bytes + from) + random() % (8 * (until - from)));
  };
  const auto pages = log.file.size() / page_bytes;
  for (const std::size_t page : {0U, 1U})
    add(so_many(60, 1000), page, said_from, said_until);
  for (std::size_t page = 2; page < pages; ++page)
    add(so_many(1, 60), page, 0, 64);  // its head, and where its rows are
  add(so_many(150, 6000), 0, 0, log.file.size());
  const auto c = count(with_changed(log, bits), bits);
  WARN(bits.size() << " bits of a file of " << pages << " pages changed: " << c[fate::refused]
                   << " refused, " << c[fate::whole] << " whole, " << c[fate::died]
                   << " ended whoever opened it, " << c[fate::shorter]
                   << " were a shorter beginning");
}

TEST_CASE("bit flips: no page that seems to have fewer rows lets a command be done twice",
          "[R2.2.3][R2.3.5]") {
  const grouped_log log{60};
  std::vector<std::size_t> bits;
  for (std::size_t page = 2; page < log.file.size() / page_bytes; ++page)
    for (std::size_t bit = 0; bit < 16; ++bit)
      bits.push_back(8 * (page * page_bytes + rows_end_at) + bit);
  const auto c = count(with_changed(log, bits), bits, false);
  WARN(bits.size() << " bits changed: " << c[fate::refused] << " refused, " << c[fate::whole]
                   << " whole, " << c[fate::died] << " ended whoever opened it");
}

TEST_CASE("bit flips: a changed number of LMDB's newest state takes no acknowledged group back",
          "[R2.2.3][R2.3.5]") {
  for (const std::size_t groups : {20U, 21U, 22U, 23U}) {
    const grouped_log log{groups};
    const auto bits = bits_of_transactions();
    const auto all = with_changed(log, bits);
    count(all, bits);
    std::size_t shorter = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].what == fate::shorter) {
        ++shorter;
        // Two less, or the older one two more, is what the next commit would have left as well.
        CHECK(i % 64 == 1);
      }
    CHECK(shorter <= 2);
  }
}

TEST_CASE("bit flips: no log is written on from before its signed head or its snapshot",
          "[R2.2.3][R2.3.5]") {
  const grouped_log log{30};
  const auto head = log.heads.back();
  const auto bits = bits_of_states();
  SECTION("a head was signed at its end") {
    const auto key = load_signing_key(log.folder.path() + "/keys/signing.key", true).value();
    REQUIRE(append_head(log.folder.path() + "/heads.jsonl",
                        key.sign(head, log.hashes[head], morning)));
  }
  SECTION("a snapshot is of its end") {
    REQUIRE(write_snapshot(log.folder.path() + "/snapshots", "routing", head, log.hashes[head],
                           "the state"));
  }
  const auto c = count(with_changed(log, bits, opened::for_writing), bits, false);
  WARN(bits.size() << " bits of the first pages changed: " << c[fate::refused] << " refused, "
                   << c[fate::whole] << " whole, " << c[fate::died] << " ended whoever opened it");
}

} // namespace
} // namespace careline::store
