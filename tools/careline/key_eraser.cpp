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
      rewrites_(keys.is_rewrite_due()), thread_([this] { run(); }) {}

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
  changed_.wait(hold, [this] { return !has_work() && !works_; });
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
  std::vector<std::string> named;
  for (const auto& party : parties) {
    if (keys_.was_erased(party.text()))
      continue;
    const auto more = persons_of(party);
    if (!more)
      return no(more.error());
    persons.insert(persons.end(), more->begin(), more->end());
    if (!more->empty())
      named.push_back(party.text());
  }
  // A key that lost its owner in a crash may be one of theirs: then it is looked for once more at
  // the next start.
  if (!keys_.unowned().empty())
    named.clear();
  const auto done = keys_.erase(persons, named);
  if (!done)
    return no(done.error());
  return done->slots;
}

/// Where the file could not be rewritten the master key is another one all the same.
void key_eraser::rotate(const std::string& client) {
  security::key_master_rotated what;
  what.client = client_id{client};
  const auto done = keys_.rotate_master();
  if (done)
    what.keys = done->keys;
  else
    what.why = done.error();
  say_(done ? kernel::journal_level::info : kernel::journal_level::error,
       done ? fmt::format("another master key is in force; {} keys are sealed under it", done->keys)
            : done.error());
  if (done && !done->unfinished.empty())
    say_(kernel::journal_level::error,
         "the file of the keys could not be rewritten, and still has what the master key before "
         "opens; it is tried again: " + done->unfinished);
  if (told_)
    told_(std::move(what));
}

/// Of nobody, too, where only the file is to be rewritten. False: it is to be tried again.
bool key_eraser::destroy(const std::set<party_id>& parties) {
  const bool was_due = keys_.is_rewrite_due();
  const auto done = erase_all(parties);
  if (!done)
    say_(kernel::journal_level::error,
         (parties.empty() ? "" : "keys of erased people are still there, and are tried again: ")
             + done.error());
  if (done && was_due)
    say_(kernel::journal_level::info, "the file of the keys is rewritten: nothing is left in it of "
                                      "what was destroyed before");
  if (done && *done > 0)
    say_(kernel::journal_level::info,
         fmt::format("{} keys of {} erased parties are destroyed", *done, parties.size()));
  return done.has_value();
}

bool key_eraser::has_work() const {
  return !waiting_.empty() || rotates_ || rewrites_;
}

void key_eraser::run() {
  std::unique_lock hold{mutex_};
  for (;;) {
    changed_.wait(hold, [this] { return stopping_ || has_work(); });
    if (stopping_)
      return;
    const auto client = std::exchange(rotates_, std::nullopt);
    auto now = client ? std::set<party_id>{} : std::exchange(waiting_, {});
    works_ = true;
    hold.unlock();
    if (client)
      rotate(*client);
    const bool is_done = client || destroy(now);
    const bool is_due = keys_.is_rewrite_due();
    hold.lock();
    works_ = false;
    rewrites_ = is_due;
    if (!is_done)
      waiting_.merge(now);
    if (!is_done || is_due)
      changed_.wait_for(hold, tries_again_after, [this] { return stopping_; });
    changed_.notify_all();
  }
}

} // namespace careline::program
