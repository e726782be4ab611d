#include "store/keys/key_copy.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>

#include "store/keys/key_look.hpp"
#include "store/keys/old_file.hpp"
#include "store/sync_path.hpp"
#include "store/whole_file.hpp"

namespace careline::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* master_name = "/master.key";
constexpr const char* next_name = "/master.key.next";  ///< until the file that it fits is there
constexpr const char* signing_name = "/signing.key";  ///< made later than the others
constexpr const char* bus_name = "/bus.key";          ///< made where clients need keys
constexpr const char* file_name = "/data.mdb";

/// In what is copied the new file lies beside the one that it takes the place of.
std::string unfinished_in(const std::string& folder) {
  return folder + "/unfinished";
}

void must(const std::error_code& wrong, const std::string& doing) {
  if (wrong)
    throw lmdb::failure(wrong.value(), doing);
}

/// A folder that only its owner may look into.
void make_private_folder(const std::string& folder) {
  std::error_code wrong;
  fs::create_directories(folder, wrong);
  must(wrong, "making the folder " + folder);
  fs::permissions(folder, fs::perms::owner_all, wrong);
  must(wrong, "making the folder " + folder + " private");
}

result<void, std::string> write_file(const std::string& path, std::string_view bytes) {
  constexpr std::size_t at_once = 1U << 20U;
  whole_file file{path};
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), at_once)))
    if (!file.write(bytes.substr(0, at_once)))
      break;
  return file.finish();
}

/// Whether the master key that was to take the other's place in `folder` is that of the file in
/// `copy`.
bool is_next_the_one(const std::string& folder, const std::string& copy) {
  const auto next = read_master_key(next_master_file(folder));
  if (!next)
    return false;
  key_file file{whole_name(copy), 0};
  file.open_copy();
  return file.fits(keys_from(*next).slots);
}

/// An engine may just be changing it, or was killed over that.
result<secret_key, log_error> master_for(const std::string& from, const std::string& copy) {
  return read_master_key(is_next_the_one(from, copy) ? next_master_file(from) : master_file(from));
}

/// Requires: the file that they are for is in `to` already.
result<void, log_error> copy_secrets(const std::string& from, const std::string& to) {
  for (const auto* name : {master_name, signing_name, bus_name}) {
    std::error_code wrong;
    const bool is_elsewhere = name == master_name && is_master_elsewhere();
    if (is_elsewhere || (name != master_name && !fs::exists(from + name, wrong)))
      continue;
    auto bytes = name == master_name    ? master_for(from, to)
                 : name == signing_name ? read_signing_key(from + name)
                                        : read_bus_key(from + name);
    if (!bytes)
      return no(log_error{log_fault::damaged, bytes.error().detail});
    if (const auto done = write_file(to + name, bytes->bytes()); !done)
      return no(log_error{log_fault::io, done.error()});
  }
  return {};
}

/// Overwriting them would take them from whoever uses them.
std::optional<log_error> refuse_same_keys(const std::string& from, const std::string& to) {
  for (const auto* name : {"", master_name, signing_name, bus_name, file_name})
    if (std::error_code absent; fs::equivalent(from + name, to + name, absent))
      return log_error{log_fault::conflict, "the keys in " + to + " are themselves those in use in "
                                                + from + "; name another folder"};
  return std::nullopt;
}

void put(const std::string& from, const std::string& place, std::deque<old_file>& old) {
  std::error_code wrong;
  if (!fs::exists(from, wrong))
    return;
  old.emplace_back(place);
  fs::rename(from, place, wrong);
  must(wrong, "putting " + place + " in place");
  if (const int code = sync_path(folder_of(place)))
    throw lmdb::failure(code, "syncing " + place);
}

/// What was killed before all of it was in place: the next one must not be mixed up with it.
void end_exchange(const std::string& folder, std::deque<old_file>& old) {
  const auto next = folder + next_name;
  bool is_the_one = false;
  try {
    is_the_one = is_next_the_one(folder, folder);
  } catch (const lmdb::failure&) {
    // There is no file yet, or one that is no good.
  }
  if (is_the_one)
    return put(next, folder + master_name, old);
  std::error_code wrong;
  fs::remove(next, wrong);
  must(wrong, "removing " + next);
}

/// Whatever kills this, the file in `folder` has its master key beside it under one of two names;
/// the old files are overwritten when nobody can need them any more.
void put_in_place(const std::string& fresh, const std::string& folder) {
  std::deque<old_file> old;
  end_exchange(folder, old);
  put(fresh + master_name, folder + next_name, old);
  put(fresh + file_name, folder + file_name, old);
  put(folder + next_name, folder + master_name, old);
  put(fresh + signing_name, folder + signing_name, old);
  put(fresh + bus_name, folder + bus_name, old);
  for (const auto& one : old)
    one.overwrite();
}

/// Puts the copy in `fresh` in the place of the one in `to`. How many keys it has.
result<std::size_t, log_error> exchange(const std::string& fresh, const std::string& from,
                                        const std::string& to) {
  std::size_t count = 0;
  {
    const auto ours = look_at_keys(fresh);
    if (!ours)
      return no(ours.error());
    count = ours->file.check_slots(ours->master.slots);
    if (auto why = refuse_other_keys(*ours, fresh, from, to))
      return no(*why);
  }
  put_in_place(fresh, to);
  return count;
}

} // namespace

bool has_keys(const std::string& folder) {
  std::error_code wrong;
  return fs::exists(folder + file_name, wrong)
         && (is_master_elsewhere() || fs::exists(folder + master_name, wrong)
             || fs::exists(folder + next_name, wrong));
}

result<std::size_t, log_error> check_keys(const std::string& folder) {
  try {
    const auto there = look_at_keys(folder);
    if (!there)
      return no(there.error());
    return there->file.check_slots(there->master.slots);
  } catch (const lmdb::failure& f) {
    return no(key_error("the keys in " + folder + " cannot be used", f));
  }
}

result<key_image, log_error> key_image::of(const std::string& from, keys_are what) {
  key_image image{from};
  const auto folder = whole_name(from);
  try {
    image.file_ = std::make_unique<memory_file>();
    const key_hold hold{folder, key_hold::kind::to_read};
    lmdb::env_options reading_it{folder, 0, true};
    reading_it.locks = what == keys_are::in_use;
    lmdb::env{reading_it}.copy_compact(image.file_->handle());
  } catch (const lmdb::failure& f) {
    return no(key_error("the keys in " + from + " cannot be read", f));
  }
  return image;
}

result<std::size_t, log_error> key_image::write(const std::string& to) {
  const auto fresh = unfinished_in(to);
  std::error_code ignored;
  if (auto why = refuse_same_keys(from_, to))
    return no(*why);
  try {
    make_private_folder(to);
    fs::remove_all(fresh, ignored);
    make_private_folder(fresh);
    const auto keys = write_file(fresh + file_name, file_->bytes());
    const auto done = keys ? copy_secrets(from_, fresh)
                           : result<void, log_error>{no(log_error{log_fault::io, keys.error()})};
    auto count = done ? exchange(fresh, from_, to)
                      : result<std::size_t, log_error>{no(done.error())};
    fs::remove_all(fresh, ignored);
    return count;
  } catch (const lmdb::failure& f) {
    fs::remove_all(fresh, ignored);
    return no(key_error("the keys in " + from_ + " cannot be copied to " + to, f));
  }
}

result<std::size_t, log_error> copy_keys(const std::string& from, keys_are what,
                                         const std::string& to) {
  auto image = key_image::of(from, what);
  if (!image)
    return no(image.error());
  return image->write(to);
}

} // namespace careline::store
