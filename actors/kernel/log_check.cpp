#include "actors/kernel/log_check.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "messages/codec.hpp"
#include "store/hash.hpp"

namespace careline::kernel {

namespace {

using namespace std::chrono_literals;

/// Less than a millisecond of a live model's time.
constexpr std::size_t subjects_each = 64;
constexpr auto answers_within = 2s;
constexpr auto looks_each = 100ms;
/// A model that is behind the log is asked so often.
constexpr int tries_max = 5;

/// The answers to one question, which may come when nobody waits any more.
struct answers {
  std::mutex mutex;
  std::condition_variable more;
  std::vector<live_parts> told;
};

/// The earliest place first; nothing when not all answer in time, or nobody is there.
std::vector<live_parts> ask_and_wait(const ask_live& ask, const std::vector<std::string>& subjects,
                                     const std::function<bool()>& stops) {
  const auto all = std::make_shared<answers>();
  const auto expected = ask({subjects, [all](live_parts one) {
                               const std::lock_guard hold{all->mutex};
                               all->told.push_back(std::move(one));
                               all->more.notify_one();
                             }});
  std::unique_lock hold{all->mutex};
  const auto are_there = [&] { return all->told.size() >= expected; };
  for (auto left = std::chrono::milliseconds{answers_within}; left > 0ms && !stops();
       left -= looks_each)
    if (all->more.wait_for(hold, looks_each, are_there))
      break;
  if (!are_there())
    return {};
  auto out = all->told;
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

/// For a model that is behind to catch up.
void wait_a_moment() {
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock hold{mutex};
  nobody.wait_for(hold, looks_each);
}

/// How two parts differ: names of fields, never what stands in them.
std::string how_apart(const value& live, const value& folded) {
  if (live.is_nil())
    return "is missing";
  if (folded.is_nil())
    return "should not be there";
  const auto* mine = live.as<value::map>();
  const auto* its = folded.as<value::map>();
  std::string out;
  const auto add = [&](const std::string& key) { out += (out.empty() ? " in " : ", ") + key; };
  if (mine && its) {
    for (const auto& [key, item] : *mine)
      if (const auto* other = folded.find(key); !other || *other != item)
        add(key);
    for (const auto& [key, item] : *its)
      if (!live.find(key))
        add(key);
  }
  return "differs" + out;
}

class comparison {
public:
  comparison(const store::event_log& log, const std::vector<capability*>& folded, position at)
      : log_(log), folded_(folded), at_(at) {}

  /// Compares one answer. False when the model is behind and has to be asked again.
  result<bool, store::log_error> take(const live_parts& said,
                                      const std::vector<std::string>& subjects) {
    const auto mine = std::find_if(folded_.begin(), folded_.end(),
                                   [&](auto* one) { return one->name() == said.model; });
    if (mine == folded_.end())
      return true;
    if (said.follows_all && said.at < at_)
      return false;
    if (said.at > at_) {
      const auto went = fold_on(log_, at_, said.at, folded_);
      if (!went)
        return no(went.error());
      at_ = said.at;
    }
    const auto folded = parts_of(**mine, subjects);
    outcome.compared += folded.size();
    for (std::size_t i = 0; i < folded.size() && !outcome.difference; ++i)
      if (said.parts.at(i) != folded[i])
        outcome.difference = "the live " + said.model + " is not what the log says at "
                             + event_id(at_) + ": "
                             + (subjects[i].empty() ? "it as a whole" : subjects[i]) + " "
                             + how_apart(said.parts[i], folded[i]);
    return true;
  }

  check_outcome outcome;

private:
  const store::event_log& log_;
  const std::vector<capability*>& folded_;
  position at_;
};

/// One question, until every model has been compared or one that is behind was asked often enough.
/// False when nobody answers.
result<bool, store::log_error> compare_some(comparison& with,
                                            const std::vector<std::string>& subjects,
                                            const ask_live& ask,
                                            const std::function<bool()>& stops) {
  std::unordered_set<std::string> done;
  for (int tries = 0; tries < tries_max; ++tries) {
    const auto all = ask_and_wait(ask, subjects, stops);
    for (const auto& said : all) {
      if (done.contains(said.model))
        continue;
      const auto did = with.take(said, subjects);
      if (!did)
        return no(did.error());
      if (*did)
        done.insert(said.model);
    }
    if (all.empty() || stops()) {
      with.outcome.is_whole = false;
      return false;
    }
    if (done.size() == all.size())
      return true;
    wait_a_moment();
  }
  with.outcome.is_whole = false;
  return true;
}

} // namespace

namespace {

void leave_out_lapses(value& v) {
  if (auto* items = v.as<value::list>())
    std::for_each(items->begin(), items->end(), leave_out_lapses);
  auto* entries = v.as<value::map>();
  if (!entries)
    return;
  std::erase_if(*entries, [](const auto& e) { return e.first.ends_with("lapses"); });
  for (auto& [key, item] : *entries)
    leave_out_lapses(item);
}

} // namespace

value saved_for_comparing(const capability& model) {
  auto saved = model.save();
  leave_out_lapses(saved);
  return saved;
}

std::string state_hash(const capability& model) {
  const auto hash = store::blake256(pack(saved_for_comparing(model)));
  return store::to_hex(store::bytes_of(hash));
}

std::vector<value> parts_of(const capability& model, const std::vector<std::string>& subjects) {
  std::vector<value> out;
  out.reserve(subjects.size());
  for (const auto& subject : subjects) {
    auto part = model.part(subject);
    if (auto* entries = part.as<value::map>())
      std::erase_if(*entries, [](const auto& e) {
        return e.first == "address" || e.first == "number" || e.first.ends_with("lapses");
      });
    out.push_back(std::move(part));
  }
  return out;
}

void subjects_seen::take(const placed_event& e) {
  take(e.subject);
  if (const auto* queued = std::get_if<routing::contact_queued>(&e.what))
    take("queue/" + queued->queue.text());
}

void subjects_seen::take(const std::string& subject) {
  if (ring_.size() < most_) {
    ring_.push_back(subject);
    return;
  }
  ring_[next_] = subject;
  next_ = (next_ + 1) % most_;
}

std::vector<std::string> subjects_seen::newest() const {
  std::vector<std::string> out;
  std::unordered_set<std::string_view> known;
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const auto& subject = ring_[(next_ + i) % ring_.size()];
    if (known.insert(subject).second)
      out.push_back(subject);
  }
  return out;
}

result<check_outcome, store::log_error>
compare_with_live(const store::event_log& log, const std::vector<capability*>& folded, position at,
                  const std::vector<std::string>& subjects, const ask_live& ask,
                  const std::function<bool()>& stops) {
  comparison with{log, folded, at};
  auto next = subjects.begin();
  for (std::vector<std::string> some{""}; !some.empty();) {
    const auto is_answered = compare_some(with, some, ask, stops);
    if (!is_answered)
      return no(is_answered.error());
    if (with.outcome.difference || !*is_answered)
      break;
    const auto end = next + std::min<std::ptrdiff_t>(subjects_each, subjects.end() - next);
    some.assign(next, end);
    next = end;
  }
  return with.outcome;
}

} // namespace careline::kernel
