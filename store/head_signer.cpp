#include "store/head_signer.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "store/background.hpp"
#include "store/row_source.hpp"
#include "store/side_thread.hpp"
#include "store/stopwatch.hpp"

namespace careline::store {

namespace {

/// A file that cannot be written is tried again so much later.
constexpr span again_after = std::chrono::minutes{1};
/// Engine time is not the machine's: it is looked at this often whether a head is due.
constexpr span looked_most = std::chrono::minutes{1};
constexpr span looked_least{100};

std::string at_position(const signed_head& head) {
  return "position " + std::to_string(head.at) + " on " + to_rfc3339(head.time);
}

} // namespace

struct head_signer::impl {
  impl(const event_log& l, const signing_key& k, head_signer_options o)
      : log(l), key(k), options(std::move(o)) {}

  void run();
  void begin();
  void go_on_after(const signed_head& last);
  bool catch_up(position until);
  bool sign();
  void end(span limit);
  bool is_late() const { return steady_us() >= until_us; }

  const event_log& log;
  signing_key key;
  head_signer_options options;
  position checked = 0;  ///< the log is right up to here
  chain_hash checked_hash{};
  instant due{};

  side_thread file{"heads-file"};
  std::uint64_t until_us = side_thread::always;  ///< of the last signing
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<bool> stopping{false};
  bool ended = false;
  std::thread thread;
};

/// Where the file stands.
void head_signer::impl::begin() {
  due = options.now();
  const auto read = std::make_shared<result<std::vector<head_line>, std::string>>();
  const bool did = file.run([read, path = options.file] {
    if (std::error_code wrong; std::filesystem::exists(path, wrong))
      *read = read_heads(path);
  });
  if (!did)
    return;
  const auto& lines = *read;
  if (!lines) {
    options.remark(false, lines.error());
    return;
  }
  const auto last = std::find_if(lines->rbegin(), lines->rend(),
                                 [](const head_line& line) { return bool(line.head); });
  if (last != lines->rbegin())
    options.remark(true, "line " + std::to_string(lines->back().number) + " of " + options.file
                             + " is no signed head: " + lines->back().head.error());
  if (last != lines->rend())
    go_on_after(*last->head);
}

void head_signer::impl::go_on_after(const signed_head& last) {
  due = std::min(last.time, due) + options.every;
  if (!key.shown().has_signed(last)) {
    options.remark(true, "the last head in " + options.file + " was signed with the key " + last.key
                             + ", this engine's is " + key.shown().id());
    return;
  }
  if (last.at > log.head()) {
    options.remark(true, "a head was signed at " + at_position(last) + ", but the log ends at "
                             + std::to_string(log.head())
                             + ": it was cut short, or an older copy stands in its place");
    return;
  }
  const auto hash = log.hash_at(last.at);
  if (!hash || *hash != last.hash) {
    options.remark(true, "a head was signed at " + at_position(last)
                             + ", but the log is another one up to there");
    return;
  }
  checked = last.at;
  checked_hash = last.hash;
}

/// False when it is not right up to there, or when there is no time any more.
bool head_signer::impl::catch_up(position until) {
  const auto* rows = dynamic_cast<const row_source*>(&log);
  const auto begun = log.hash_at(checked);
  std::optional<log_error> wrong;
  if (!rows || !begun || *begun != checked_hash)
    wrong = log_error{log_fault::damaged, "it is not what was checked before", checked};
  else
    wrong = rows->walk_records(checked, until, [this](const chain_walk& at) {
      checked = at.at();
      checked_hash = at.hash();
      return !stopping && !is_late();
    });
  if (wrong)
    options.remark(true, "no head is signed, the log is damaged: " + wrong->detail);
  return !wrong && checked == until;
}

/// Signs where the log stands. False: it is to be tried again.
bool head_signer::impl::sign() {
  if (!catch_up(log.head()))
    return false;
  const auto did = std::make_shared<result<void, heads_failure>>();
  const auto head = key.sign(checked, checked_hash, options.now());
  const bool is_done = file.run([did, head, append = options.append, path = options.file] {
    *did = append(path, head);
  }, until_us);
  if (is_done && !*did)
    options.remark(false, did->error().sentence);
  return is_done && did->has_value();
}

void head_signer::impl::run() {
  run_in_background("signed-heads");
  begin();
  std::unique_lock hold{mutex};
  while (!stopping) {
    if (options.every == span{}) {
      wake.wait(hold, [this] { return stopping.load(); });
      continue;
    }
    if (const auto left = due - options.now(); left > span{}) {
      const auto machine_time = from_seconds(to_seconds(left) / options.speed);
      wake.wait_for(hold, std::clamp(machine_time, looked_least, looked_most),
                    [this] { return stopping.load(); });
      continue;
    }
    hold.unlock();
    const bool did = sign();
    hold.lock();
    due = options.now() + (did ? options.every : std::min(options.every, again_after));
  }
  ended = true;
  wake.notify_all();
}

/// Only the file can keep the thread; after `limit` it does so no longer.
void head_signer::impl::end(span limit) {
  {
    std::unique_lock hold{mutex};
    stopping = true;
    wake.notify_all();
    if (!wake.wait_for(hold, limit, [this] { return ended; }))
      file.let_go();
  }
  if (thread.joinable())
    thread.join();
}

head_signer::head_signer(const event_log& log, const signing_key& key, head_signer_options options)
    : impl_(std::make_unique<impl>(log, key, std::move(options))) {
  impl_->thread = std::thread{[of = impl_.get()] { of->run(); }};
}

head_signer::~head_signer() {
  impl_->end(span{});
}

void head_signer::sign_last(span limit) {
  auto& s = *impl_;
  const auto until_us =
      steady_us() + static_cast<std::uint64_t>(std::chrono::microseconds{limit}.count());
  s.end(limit);
  s.stopping = false;
  s.until_us = until_us;
  if (!s.sign() && s.is_late())
    s.options.remark(false, "the last head is not signed: a stop does not wait for "
                                + s.options.file + " any longer; the next start signs on");
}

} // namespace careline::store
