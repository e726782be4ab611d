#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "store/keys/key_store_impl.hpp"
#include "store/keys/old_file.hpp"
#include "store/sync_path.hpp"

namespace careline::store {

namespace {

/// A master key under its name for good; the one before is overwritten.
void put_in_place(const std::string& next, const std::string& place) {
  const old_file old{place};
  if (::rename(next.c_str(), place.c_str()) != 0)
    throw lmdb::failure(errno, "putting " + place + " in place");
  if (const int wrong = sync_path(place.substr(0, place.rfind('/'))))
    throw lmdb::failure(wrong, "syncing " + place);
  old.overwrite();
}

} // namespace

/// Where all was sealed anew for it, the master key that was to come is the one in force. Whether
/// it was put in place just now.
bool key_store::impl::take_next_master() {
  if (is_master_elsewhere())
    return false;
  const auto next = next_master_file(folder);
  const auto left = read_master_key(next);
  if (!left || !file.fits(keys_from(*left).slots))
    return false;
  put_in_place(next, master_file(folder));
  return true;
}

/// The master key that was to come goes only where the other was read and fits: it may be the only
/// one there is.
std::optional<log_error> key_store::impl::drop_next_master() {
  const auto next = next_master_file(folder);
  std::error_code none;
  if (is_master_elsewhere() || !std::filesystem::exists(next, none))
    return std::nullopt;
  const auto present = read_master_key(master_file(folder));
  if (present && file.fits(keys_from(*present).slots)) {
    std::filesystem::remove(next, none);
    return std::nullopt;
  }
  const auto left = read_master_key(next);
  return left ? std::nullopt : std::optional{left.error()};
}

/// A rotation that was interrupted had sealed all anew, or nothing: the master key that fits says.
std::optional<log_error> key_store::impl::open_master() {
  if (!take_next_master())
    if (auto why = drop_next_master())
      return why;
  auto loaded = load_master_keys(folder, file.is_fresh());
  if (!loaded)
    return loaded.error();
  master = std::move(*loaded);
  if (auto why = file.check_master(master.slots, nonces))
    return why;
  if (const auto hashing = file.hashing_keys(master.slots)) {
    master.persons = hashing->persons;
    master.commands = hashing->commands;
  }
  try {
    file.give_id();
  } catch (const lmdb::failure& f) {
    if (!f.is_full() && !f.is_disk_full())
      throw;  // else a later start gives it
  }
  return std::nullopt;
}

/// Who loads a key meanwhile tries both. Requires: `disk` is held.
rotation key_store::impl::rotate() {
  take_next_master();
  const auto next = next_master_file(folder);
  const auto made = load_secret(next, {"master key", "it is to take the other's place"}, true);
  if (!made)
    throw lmdb::failure(EIO, made.error().detail);
  const auto slots_key = keys_from(*made).slots;
  {
    const std::scoped_lock hold{mutex};
    next_slots = slots_key;
  }
  rotation done;
  try {
    done.keys = file.reseal(master, slots_key, nonces);
  } catch (const lmdb::failure& f) {
    const std::scoped_lock hold{mutex};
    next_slots.reset();
    // After any other failure the disk may have sealed all anew: the next start looks.
    std::error_code ignored;
    if (f.is_full() || f.is_disk_full() || f.is_damage())
      std::filesystem::remove(next, ignored);
    throw;
  }
  {
    const std::scoped_lock hold{mutex};
    master.slots = slots_key;
    next_slots.reset();
  }
  try {
    put_in_place(next, master_file(folder));
    rewrite();
  } catch (const lmdb::failure& f) {
    done.unfinished = f.what();
  }
  return done;
}

result<rotation, std::string> key_store::rotate_master() {
  if (is_master_elsewhere())
    return no(std::string{"the master key is kept elsewhere, and is changed there"});
  try {
    if (impl_->is_closed)
      impl_->reopen();
    const std::scoped_lock writing{impl_->disk};
    return impl_->rotate();
  } catch (const lmdb::failure& f) {
    return no(std::string{"the master key could not be changed: "} + f.what());
  }
}

} // namespace careline::store
