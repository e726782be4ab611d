#include "tools/careline/key_eraser.hpp"

#include <chrono>
#include <fmt/format.h>

#include "actors/kernel/shell_batch.hpp"

namespace careline::program {

namespace {

/// A disk that was full may have room again.
constexpr auto tries_again_after = std::chrono::seconds{10};

} // namespace

key_eraser::key_eraser(const store::event_log& log, store::key_store& keys, remark say, tell told)
    : log_(log), keys_(keys), say_(std::move(say)), told_(std::move(told)),
      thread_([this] { run(); }) {}

key_eraser::~key_eraser() {
  {
    const std::lock_guard hold{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void key_eraser::erase(const std::vector<party_id>& parties) {
  {
    const std::lock_guard hold{mutex_};
    waiting_.insert(parties.begin(), parties.end());
  }
  changed_.notify_all();
}

void key_eraser::reached(const std::vector<std::shared_ptr<const event_record>>& events) {
  constexpr std::string_view prefix = "party/";
  std::vector<party_id> erased;
  for (const auto& r : events) {
    if (r->type == registration::customer_erased::type)
      erased.emplace_back(std::string_view{r->subject}.substr(prefix.size()));
    if (r->type == security::key_rotation_asked::type) {
      const std::lock_guard hold{mutex_};
      rotates_ = r->actor;
      changed_.notify_all();
    }
  }
  if (!erased.empty())
    erase(erased);
}

void key_eraser::wait() {
  std::unique_lock hold{mutex_};
  changed_.wait(hold, [this] { return waiting_.empty() && !rotates_ && !works_; });
}

/// A key whose owner was lost in a crash is found by opening what it sealed, and then destroyed
/// too.
void key_eraser::learn(const std::string& subject) const {
  if (keys_.unowned().empty())
    return;
  if (const auto events = log_.read_stream(subject))
    for (const auto& r : *events)
      if (auto e = kernel::event_in(r))
        (void)open(*e, keys_);
}

/// The person's own key, those of the person's other names, and those of contacts that nobody was
/// named for when they came, and which were then linked to the person.
result<std::vector<person_id>, std::string> key_eraser::persons_of(const party_id& party) const {
  const auto events = log_.read_stream("party/" + party.text());
  if (!events)
    return no(events.error().detail);
  std::vector<person_id> out;
  std::set<contact_id> contacts;
  bool is_erased = false;
  for (const auto& r : *events) {
    const auto e = kernel::event_in(r);
    if (!e)
      continue;
    if (const auto* x = std::get_if<registration::customer_linked>(&*e))
      contacts.insert(x->contact);
    if (const auto* x = std::get_if<registration::customer_unlinked>(&*e))
      contacts.erase(x->contact);
    if (const auto* x = std::get_if<registration::customer_erased>(&*e)) {
      is_erased = true;
      out.push_back(x->person);
      out.insert(out.end(), x->others.begin(), x->others.end());
    }
  }
  if (!is_erased)
    return std::vector<person_id>{};
  learn("party/" + party.text());
  for (const auto& contact : contacts) {
    learn("contact/" + contact.text());
    out.push_back(keys_.person_of("contact/" + contact.text()));
  }
  return out;
}

result<std::size_t, std::string> key_eraser::erase_all(const std::set<party_id>& parties) {
  std::vector<person_id> persons;
  for (const auto& party : parties) {
    const auto more = persons_of(party);
    if (!more)
      return no(more.error());
    persons.insert(persons.end(), more->begin(), more->end());
  }
  const auto done = keys_.erase(persons);
  if (!done)
    return no(done.error());
  return done->slots;
}

void key_eraser::rotate(const std::string& client) {
  security::key_master_rotated what;
  what.client = client_id{client};
  const auto done = keys_.rotate_master();
  if (done)
    what.keys = *done;
  else
    what.why = done.error();
  say_(done ? kernel::journal_level::info : kernel::journal_level::error,
       done ? fmt::format("another master key is in force; {} keys are sealed under it", *done)
            : done.error());
  if (told_)
    told_(std::move(what));
}

void key_eraser::run() {
  std::unique_lock hold{mutex_};
  for (;;) {
    changed_.wait(hold, [this] { return stopping_ || !waiting_.empty() || rotates_; });
    if (stopping_)
      return;
    if (const auto client = std::exchange(rotates_, std::nullopt)) {
      works_ = true;
      hold.unlock();
      rotate(*client);
      hold.lock();
      works_ = false;
      changed_.notify_all();
      continue;
    }
    auto now = std::exchange(waiting_, {});
    works_ = true;
    hold.unlock();
    const auto done = erase_all(now);
    if (!done)
      say_(kernel::journal_level::error,
           "keys of erased people are still there, and are tried again: " + done.error());
    else if (*done > 0)
      say_(kernel::journal_level::info,
           fmt::format("{} keys of {} erased parties are destroyed", *done, now.size()));
    hold.lock();
    works_ = false;
    if (!done) {
      waiting_.merge(now);
      changed_.wait_for(hold, tries_again_after, [this] { return stopping_; });
    }
    changed_.notify_all();
  }
}

} // namespace careline::program
