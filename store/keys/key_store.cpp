#include "store/keys/key_store.hpp"

#include <algorithm>
#include <filesystem>

#include "store/hash.hpp"
#include "store/keys/key_store_impl.hpp"
#include "store/sync_path.hpp"

namespace careline::store {

namespace {

constexpr char sealed_version = 1;
constexpr std::size_t sealed_head_bytes = 1 + sizeof(slot_number);

slot_number slot_of_sealed(std::string_view sealed) {
  return lmdb::number_in(sealed.substr(1, sizeof(slot_number)));
}

} // namespace

/// New keys open nothing of what is sealed, and soon nobody could tell that others are missing.
std::optional<log_error> key_store::impl::open_file() {
  const log_error gone{log_fault::damaged,
                       "there are no keys in " + folder + ", but there were some: "
                           + options.made_before
                           + ". None were made: new ones open nothing of what is sealed. See to it "
                             "that their disk is there, or put back the newest copy of them; to go "
                             "on without any, restore a backup --without-keys into another folder"};
  const bool must_be_there = !options.made_before.empty();
  std::error_code absent;
  if (must_be_there && !std::filesystem::exists(folder + "/data.mdb", absent))
    return gone;
  std::error_code wrong;
  const bool is_made = std::filesystem::create_directories(folder, wrong);
  if (wrong)
    return log_error{log_fault::io, "cannot make the folder " + folder + ": " + wrong.message()};
  if (const int code = is_made ? sync_path(folder_of(folder)) : 0)
    throw lmdb::failure(code, "syncing the folder of " + folder);
  file.open();
  is_new = file.is_fresh();
  return is_new && must_be_there ? std::optional{gone} : std::nullopt;
}

std::optional<log_error> key_store::impl::start() {
  try {
    if (auto why = open_file())
      return why;
    if (auto why = open_master())
      return why;
    if (file.is_rewrite_due())
      finish_rewrite();
    const auto left = file.without_owner();
    unowned.insert(left.begin(), left.end());
    has_unowned = !unowned.empty();
  } catch (const lmdb::failure& f) {
    return key_error("the keys in " + folder + " cannot be used", f);
  }
  refill();  // not on a full disk, where those who have a key are served on
  thread = std::thread{[this] { run(); }};
  return std::nullopt;
}

/// An erasure was interrupted after the keys were destroyed; their bytes are still in the file.
void key_store::impl::finish_rewrite() {
  try {
    file.write_anew();
  } catch (const lmdb::failure& f) {
    if (f.is_disk_full())
      return;  // it stays due
    throw;
  }
  file.swap_in();
}

void key_store::impl::stop() {
  {
    const std::scoped_lock hold{wake_mutex};
    stops = true;
  }
  wake.notify_one();
  if (!thread.joinable())
    return;
  thread.join();
  if (!save(0))
    return;
  // What was never handed out need not be wondered about at the next start.
  std::vector<slot_number> unused;
  for (const auto& slot : ahead)
    unused.push_back(slot.number);
  try {
    file.drop_unused(unused);
  } catch (const lmdb::failure&) {
    // They are then taken for slots of unknown owner, which harms nobody.
  }
}

void key_store::impl::run() {
  std::unique_lock hold{wake_mutex};
  while (true) {
    wake.wait(hold, [this] { return stops || has_work; });
    if (stops)
      return;
    has_work = false;
    hold.unlock();
    refill();
    hold.lock();
  }
}

/// Writes down owners, and makes slots when half of those ahead are gone.
bool key_store::impl::refill() {
  std::size_t wanted = 0;
  {
    const std::shared_lock hold{mutex};
    if (ahead.size() <= options.slots_ahead / 2)
      wanted = options.slots_ahead - ahead.size();
  }
  return save(wanted);
}

/// An erasure could not open the file again; without this its keys would be gone until a restart.
void key_store::impl::reopen() {
  const std::scoped_lock both{disk, mutex};
  if (!file.is_open())
    file.open();
  is_closed = false;
}

bool key_store::impl::save(std::size_t slots_wanted) {
  try {
    if (is_closed)
      reopen();
    const std::scoped_lock writing{disk};
    std::vector<key_file::ownership> owners_now;
    {
      const std::shared_lock hold{mutex};
      owners_now = unsaved;
    }
    if (slots_wanted == 0 && owners_now.empty())
      return true;
    auto made = file.make_and_own(slots_wanted, owners_now, master.slots, nonces);
    const std::scoped_lock hold{mutex};
    unsaved.erase(unsaved.begin(),
                  unsaved.begin() + static_cast<std::ptrdiff_t>(owners_now.size()));
    ahead.insert(ahead.begin(), made.begin(), made.end());
    return true;
  } catch (const lmdb::failure&) {
    return false;
  }
}

std::optional<key_slot> key_store::impl::at_hand(const std::string& person) const {
  const auto* slot = owners.find(person);
  const auto* key = slot ? keys.find(*slot) : nullptr;
  return key ? std::optional{key_slot{*slot, *key}} : std::nullopt;
}

/// The person's key, or one made ahead; nothing when none is left. Requires: `mutex` held alone.
std::optional<key_slot> key_store::impl::find_or_take(const std::string& person) {
  std::optional<slot_number> slot;
  if (const auto* known = owners.revive(person))
    slot = *known;
  for (const auto& [owner, number] : unsaved)
    if (!slot && owner == person)
      slot = number;
  if (!slot)
    slot = file.slot_of(person);
  if (slot && doomed.contains(*slot))
    slot.reset();
  key_file::key_answer found;
  if (slot)
    if (const auto* key = load(*slot, found)) {
      owners.put(person, *slot);
      return key_slot{*slot, *key};
    }
  // None yet, or one that cannot be read any more: from now on another.
  if (ahead.empty())
    return std::nullopt;
  auto taken = ahead.back();
  ahead.pop_back();
  keys.put(taken.number, taken.key);
  own(person, taken.number);
  return taken;
}

const secret_key* key_store::impl::load(slot_number slot, key_file::key_answer& found) {
  if (const auto* key = keys.revive(slot))
    return key;
  found = file.key_in(slot, master.slots);
  if (found.is_there && !found.key && next_slots)
    found = file.key_in(slot, *next_slots);
  return found.key ? &keys.put(slot, *found.key) : nullptr;
}

void key_store::impl::own(const std::string& person, slot_number slot) {
  owners.put(person, slot);
  unsaved.emplace_back(person, slot);
  {
    const std::scoped_lock hold{wake_mutex};
    has_work = true;
  }
  wake.notify_one();
}

/// A value of `person` was opened with a slot that had lost its owner.
void key_store::impl::learn(const std::string& person, slot_number slot) {
  const std::scoped_lock hold{mutex};
  if (unowned.erase(slot) > 0)
    own(person, slot);
  has_unowned = !unowned.empty();
}

/// Takes a person out of memory and says which slots are to be destroyed. From here on the person
/// is given another.
key_store::impl::forgotten key_store::impl::forget(const std::string& person) {
  const std::scoped_lock hold{mutex};
  forgotten what;
  what.person = person;
  what.slots = file.slots_of(person);
  for (const auto& one : unsaved)
    if (one.first == person) {
      what.slots.push_back(one.second);
      what.unsaved.push_back(one);
    }
  std::erase_if(unsaved, [&](const auto& one) { return one.first == person; });
  owners.erase(person);
  for (const auto slot : what.slots)
    keys.erase(slot);
  doomed.insert(what.slots.begin(), what.slots.end());
  return what;
}

std::size_t key_store::impl::erase(const std::vector<person_id>& persons,
                                   const std::vector<std::string>& done) {
  const std::scoped_lock writing{disk};
  std::vector<forgotten> all;
  std::size_t slots = 0;
  for (const auto& person : persons) {
    all.push_back(forget(person.text()));
    slots += all.back().slots.size();
  }
  try {
    if (slots > 0 || !done.empty())
      destroy(all, done);
    if (file.is_rewrite_due())
      rewrite();
  } catch (const lmdb::failure&) {
    for (const auto& what : all)
      end_erasure(what, false);
    throw;
  }
  for (const auto& what : all)
    end_erasure(what, true);
  return slots;
}

void key_store::impl::destroy(const std::vector<forgotten>& all,
                              const std::vector<std::string>& done) {
  std::vector<key_file::slots_of_person> slots;
  for (const auto& what : all)
    slots.emplace_back(what.person, what.slots);
  file.destroy(slots, done);
  // Someone may have read a key again until it was destroyed.
  const std::scoped_lock hold{mutex};
  for (const auto& what : all)
    for (const auto slot : what.slots)
      keys.erase(slot);
}

/// Gets rid of the bytes that are still in the file. Requires: `disk` is held.
void key_store::impl::rewrite() {
  take_next_master();
  file.write_anew();
  const std::scoped_lock hold{mutex};
  try {
    file.swap_in();
  } catch (const lmdb::failure&) {
    is_closed = !file.is_open();
    throw;
  }
}

/// What could not be destroyed keeps its owner.
void key_store::impl::end_erasure(const forgotten& what, bool destroyed) {
  const std::scoped_lock hold{mutex};
  for (const auto slot : what.slots)
    doomed.erase(slot);
  if (!destroyed)
    unsaved.insert(unsaved.end(), what.unsaved.begin(), what.unsaved.end());
}

key_store::key_store(std::unique_ptr<impl> of) : impl_(std::move(of)) {}

key_store::~key_store() {
  impl_->stop();
}

person_id key_store::person_of(std::string_view customer) const {
  return person_id{"P-" + keyed_hash(impl_->master.persons, customer)};
}

digest16 key_store::digest_of_command(std::string_view type, std::string_view packed_data) const {
  return store::digest_of_command(impl_->master.commands.bytes(), type, packed_data);
}

answer<std::string> key_store::seal(const person_id& person, std::string_view clear) {
  std::optional<key_slot> with;
  try {
    {
      const std::shared_lock hold{impl_->mutex};
      with = impl_->at_hand(person.text());
    }
    if (!with && impl_->is_closed)
      impl_->reopen();
    for (int tries = 0; !with && tries < 2; ++tries) {
      {
        const std::scoped_lock hold{impl_->mutex};
        with = impl_->find_or_take(person.text());
      }
      // All that were made ahead are in use: this one waits for the disk.
      if (!with && !impl_->refill())
        return no(because("engine.no_key"));
    }
  } catch (const lmdb::failure& f) {
    return no(because("engine.no_key", {}, f.what()));
  }
  if (!with)
    return no(because("engine.no_key"));
  std::string sealed;
  sealed.reserve(sealed_head_bytes + sealing_bytes + clear.size());
  sealed += sealed_version;
  sealed += std::string_view{lmdb::number_bytes{with->number}};
  encrypt(with->key, impl_->nonces.next(), person.text(), clear, sealed);
  return sealed;
}

answer<std::string> key_store::open(const person_id& person, std::string_view sealed) const {
  if (sealed.size() < sealed_head_bytes + sealing_bytes || sealed[0] != sealed_version)
    return no(because("person.damaged"));
  const auto slot = slot_of_sealed(sealed);
  std::optional<secret_key> key;
  try {
    {
      const std::shared_lock hold{impl_->mutex};
      if (const auto* held = impl_->keys.find(slot))
        key = *held;
    }
    if (!key) {
      if (impl_->is_closed)
        impl_->reopen();
      key_file::key_answer found;
      const std::scoped_lock hold{impl_->mutex};
      if (const auto* loaded = impl_->load(slot, found))
        key = *loaded;
      else if (found.is_there)
        return no(because("person.damaged", {},
                          "the key in slot " + std::to_string(slot) + " is damaged"));
      else
        return no(because(found.was_made ? "person.erased" : "person.damaged"));
    }
  } catch (const lmdb::failure& f) {
    return no(because("person.damaged", {}, f.what()));
  }
  auto clear = decrypt(*key, person.text(), sealed.substr(sealed_head_bytes));
  if (!clear)
    return no(because("person.damaged"));
  if (impl_->has_unowned)
    impl_->learn(person.text(), slot);
  return std::move(*clear);
}

result<erasure, std::string> key_store::erase(const person_id& person) {
  return erase(std::vector{person});
}

result<erasure, std::string> key_store::erase(const std::vector<person_id>& persons,
                                              const std::vector<std::string>& named) {
  erasure done;
  try {
    if (impl_->is_closed)
      impl_->reopen();
    done.slots = impl_->erase(persons, named);
  } catch (const lmdb::failure& f) {
    return no(std::string{persons.empty() ? "the file of the keys could not be rewritten: "
                                          : "the person's keys could not be destroyed: "}
              + f.what());
  }
  const std::shared_lock hold{impl_->mutex};
  done.unowned = impl_->unowned.size();
  return done;
}

bool key_store::was_erased(const std::string& name) const {
  try {
    const std::shared_lock hold{impl_->mutex};
    return impl_->file.was_erased(name);
  } catch (const lmdb::failure&) {
    return false;  // it could not be opened again after an erasure, and is then
  }
}

bool key_store::is_rewrite_due() const {
  try {
    const std::shared_lock hold{impl_->mutex};
    return impl_->file.is_rewrite_due();
  } catch (const lmdb::failure&) {
    return true;  // it could not be opened again after an erasure
  }
}

bool key_store::is_new() const {
  return impl_->is_new;
}

std::size_t key_store::ahead() const {
  const std::shared_lock hold{impl_->mutex};
  return impl_->ahead.size();
}

std::vector<std::uint64_t> key_store::unowned() const {
  const std::shared_lock hold{impl_->mutex};
  return {impl_->unowned.begin(), impl_->unowned.end()};
}

void key_store::flush() {
  impl_->save(0);
}

result<std::unique_ptr<key_store>, log_error> open_key_store(const std::string& folder,
                                                             const key_options& options) {
  std::error_code wrong;
  const auto whole = std::filesystem::weakly_canonical(folder, wrong).string();
  auto of = std::make_unique<key_store::impl>(wrong ? folder : whole, options);
  if (auto why = of->start())
    return no(*why);
  return std::unique_ptr<key_store>{new key_store{std::move(of)}};
}

} // namespace careline::store
