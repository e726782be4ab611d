#include "store/keys/key_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <lmdb.h>

#include "store/keys/old_file.hpp"
#include "store/sync_path.hpp"

// docs/log-format.md, "Keys, format 1".

namespace careline::store {

namespace {

using lmdb::cursor;
using lmdb::number_bytes;
using lmdb::number_in;
using lmdb::reading;
using lmdb::writing;

constexpr std::uint64_t format = 1;
constexpr std::uint64_t resealed_format = 2;  ///< with the keys of hashes in `meta`
constexpr std::string_view hashing_text = "careline hashing";
constexpr std::string_view check_text = "careline keys";
constexpr lmdb::table_spec tables[] = {
    {"slots", true, true}, {"persons", false, true}, {"ahead", true, true}, {"meta", false, true}};

std::string prefix_of(const std::string& person) {
  return person + '\0';
}

/// Big-endian, so that the newest slot of a person is the last.
std::string owner_key(const std::string& person, slot_number slot) {
  auto key = prefix_of(person);
  for (int shift = 56; shift >= 0; shift -= 8)
    key += static_cast<char>(static_cast<unsigned char>(slot >> shift));
  return key;
}

std::string erased_key(const std::string& name) {
  return "erased/" + name;
}

slot_number slot_in(std::string_view key) {
  slot_number slot = 0;
  for (const char c : key.substr(key.size() - sizeof slot))
    slot = slot << 8U | static_cast<unsigned char>(c);
  return slot;
}

std::string random_id() {
  constexpr std::size_t id_bytes = 16;
  return std::string{secret_key::random().bytes().substr(0, id_bytes)};
}

void sync_or_throw(const std::string& path) {
  if (const int wrong = sync_path(path))
    throw lmdb::failure(wrong, "syncing " + path);
}

} // namespace

void key_file::open() {
  open_tables({folder_, map_bytes_});
}

void key_file::open_copy() {
  lmdb::env_options alone{folder_, 0, true};
  alone.locks = false;
  open_tables(alone);
}

void key_file::open_tables(const lmdb::env_options& options) {
  auto opening = std::make_unique<lmdb::env>(options);
  const auto opened = opening->open_tables(tables);
  slots_ = opened[0];
  persons_ = opened[1];
  ahead_ = opened[2];
  meta_ = opened[3];
  env_ = std::move(opening);
}

lmdb::env& key_file::file() const {
  if (!env_)
    throw lmdb::failure(EBADF, "using the keys in " + folder_);
  return *env_;
}

bool key_file::is_fresh() const {
  const reading r{file()};
  return !r.get(meta_, "check") && r.entries(slots_) == 0;
}

log_error key_error(const std::string& doing, const lmdb::failure& why) {
  return {why.is_damage() ? log_fault::damaged : log_fault::io, doing + ": " + why.what()};
}

std::optional<log_error> key_file::check_master(const secret_key& master, nonce_source& nonces) {
  {
    const reading r{file()};
    const auto found = r.get(meta_, "format");
    if (found && number_in(*found) > resealed_format)
      return log_error{log_fault::newer_format,
                       "the keys in " + folder_ + " have format "
                           + std::to_string(number_in(*found)) + ", this program knows up to "
                           + std::to_string(resealed_format) + "; use the newer program"};
    if (const auto check = r.get(meta_, "check")) {
      if (decrypt(master, check_text, *check) != std::string{check_text})
        return log_error{log_fault::damaged, "the master key in " + folder_
                                                 + " is not the one its keys were sealed with"};
      return std::nullopt;
    }
    if (r.entries(slots_) > 0)
      return log_error{log_fault::damaged,
                       "the keys in " + folder_
                           + " are damaged: nothing says which master key they belong to"};
  }
  std::string check;
  encrypt(master, nonces.next(), check_text, check_text, check);
  writing w{file()};
  w.put(meta_, "format", number_bytes{format});
  w.put(meta_, "next", number_bytes{1});
  w.put(meta_, "check", check);
  w.put(meta_, "id", random_id());
  w.commit();
  return std::nullopt;
}

std::string key_file::id() const {
  const reading r{file()};
  return std::string{r.get(meta_, "id").value_or("")};
}

void key_file::give_id() {
  if (!id().empty())
    return;
  writing w{file()};
  w.put(meta_, "id", random_id());
  w.commit();
}

bool key_file::fits(const secret_key& slots_key) const {
  const reading r{file()};
  const auto check = r.get(meta_, "check");
  return check && decrypt(slots_key, check_text, *check) == std::string{check_text};
}

std::optional<master_keys> key_file::hashing_keys(const secret_key& slots_key) const {
  const reading r{file()};
  const auto sealed = r.get(meta_, "hashing");
  const auto both = sealed ? decrypt(slots_key, hashing_text, *sealed) : std::nullopt;
  if (!sealed)
    return std::nullopt;
  if (!both || both->size() != 64)
    throw lmdb::failure(MDB_CORRUPTED, "opening the keys of hashes");
  master_keys out;
  out.persons = secret_key::of(std::string_view{*both}.substr(0, 32));
  out.commands = secret_key::of(std::string_view{*both}.substr(32));
  return out;
}

std::size_t key_file::reseal(const master_keys& from, const secret_key& to,
                             nonce_source& nonces) {
  std::vector<std::pair<slot_number, std::string>> slots;
  {
    const reading r{file()};
    cursor c{r, slots_};
    for (bool more = c.first(); more; more = c.next()) {
      const auto key = decrypt(from.slots, c.key(), c.value());
      if (!key)
        throw lmdb::failure(MDB_CORRUPTED, "opening the key in slot "
                                               + std::to_string(number_in(c.key())));
      slots.emplace_back(number_in(c.key()), std::string{});
      encrypt(to, nonces.next(), number_bytes{slots.back().first}, *key, slots.back().second);
    }
  }
  std::string check, hashing;
  encrypt(to, nonces.next(), check_text, check_text, check);
  encrypt(to, nonces.next(), hashing_text,
          std::string{from.persons.bytes()} + std::string{from.commands.bytes()}, hashing);
  writing w{file()};
  for (const auto& [slot, sealed] : slots)
    w.put(slots_, number_bytes{slot}, sealed);
  w.put(meta_, "check", check);
  w.put(meta_, "hashing", hashing);
  w.put(meta_, "format", number_bytes{resealed_format});
  w.put(meta_, "rewrite", "due");
  w.commit();
  return slots.size();
}

std::vector<slot_number> key_file::slots_of(const std::string& person) const {
  std::vector<slot_number> slots;
  const auto prefix = prefix_of(person);
  const reading r{file()};
  cursor c{r, persons_};
  for (bool more = c.seek(prefix); more && c.key().starts_with(prefix); more = c.next())
    if (c.key().size() == prefix.size() + sizeof(slot_number))
      slots.push_back(slot_in(c.key()));
  return slots;
}

std::optional<slot_number> key_file::slot_of(const std::string& person) const {
  const auto slots = slots_of(person);
  return slots.empty() ? std::nullopt : std::optional{slots.back()};
}

key_file::key_answer key_file::key_in(slot_number slot, const secret_key& master) const {
  key_answer found;
  const reading r{file()};
  const auto next = r.get(meta_, "next");
  found.was_made = slot != 0 && next && slot < number_in(*next);
  const auto sealed = r.get(slots_, number_bytes{slot});
  found.is_there = sealed.has_value();
  if (!sealed)
    return found;
  const auto key = decrypt(master, number_bytes{slot}, *sealed);
  if (key && key->size() == 32)
    found.key = secret_key::of(*key);
  return found;
}

std::vector<slot_number> key_file::without_owner() const {
  std::vector<slot_number> slots;
  const reading r{file()};
  cursor c{r, ahead_};
  for (bool more = c.first(); more; more = c.next())
    slots.push_back(number_in(c.key()));
  return slots;
}

std::vector<key_slot> key_file::make_and_own(std::size_t count,
                                             const std::vector<ownership>& owners,
                                             const secret_key& master, nonce_source& nonces) {
  std::vector<key_slot> made;
  writing w{file()};
  for (const auto& [person, slot] : owners) {
    // A slot that was destroyed meanwhile belongs to nobody any more.
    if (!w.get(slots_, number_bytes{slot}))
      continue;
    w.put(persons_, owner_key(person, slot), {});
    w.erase(ahead_, number_bytes{slot});
  }
  const auto next = w.get(meta_, "next");
  auto number = next ? number_in(*next) : 1;
  std::string sealed;
  for (std::size_t i = 0; i < count; ++i, ++number) {
    made.push_back({number, secret_key::random()});
    sealed.clear();
    encrypt(master, nonces.next(), number_bytes{number}, made.back().key.bytes(), sealed);
    w.append(slots_, number_bytes{number}, sealed);
    w.append(ahead_, number_bytes{number}, {});
  }
  if (count > 0)
    w.put(meta_, "next", number_bytes{number});
  w.commit();
  return made;
}

void key_file::drop_unused(const std::vector<slot_number>& slots) {
  writing w{file()};
  for (const auto slot : slots) {
    w.erase(slots_, number_bytes{slot});
    w.erase(ahead_, number_bytes{slot});
  }
  w.commit();
}

void key_file::destroy(const std::vector<slots_of_person>& all,
                       const std::vector<std::string>& done) {
  writing w{file()};
  bool is_any = false;
  for (const auto& [person, slots] : all)
    for (const auto slot : slots) {
      w.erase(slots_, number_bytes{slot});
      w.erase(ahead_, number_bytes{slot});
      w.erase(persons_, owner_key(person, slot));
      is_any = true;
    }
  for (const auto& name : done)
    w.put(meta_, erased_key(name), {});
  // Until the file is rewritten: a crash in between is made good at the next opening.
  if (is_any)
    w.put(meta_, "rewrite", "due");
  w.commit();
}

bool key_file::was_erased(const std::string& name) const {
  const reading r{file()};
  return r.get(meta_, erased_key(name)).has_value();
}

bool key_file::is_rewrite_due() const {
  const reading r{file()};
  return r.get(meta_, "rewrite").has_value();
}

slot_number key_file::next_slot() const {
  const reading r{file()};
  const auto next = r.get(meta_, "next");
  return next ? number_in(*next) : 1;
}

bool key_file::agrees_with(const key_file& other, const secret_key& master,
                           const secret_key& others_master) const {
  const reading here{file()};
  const reading there{other.file()};
  cursor c{here, slots_};
  for (bool more = c.first(); more; more = c.next()) {
    const auto its = there.get(other.slots_, number_bytes{number_in(c.key())});
    if (!its || *its == c.value())
      continue;
    const auto our_key = decrypt(master, c.key(), c.value());
    const auto its_key = decrypt(others_master, c.key(), *its);
    if (our_key && its_key && *our_key != *its_key)
      return false;
  }
  return true;
}

std::size_t key_file::check_slots(const secret_key& master) const {
  const reading r{file()};
  cursor c{r, slots_};
  std::size_t count = 0;
  for (bool more = c.first(); more; more = c.next(), ++count) {
    const auto key = decrypt(master, c.key(), c.value());
    if (!key || key->size() != 32)
      throw lmdb::failure(MDB_CORRUPTED, "opening the key in slot "
                                             + std::to_string(number_in(c.key())));
  }
  return count;
}

void key_file::write_anew() {
  key_hold hold{folder_, key_hold::kind::to_exchange};
  const auto folder = folder_ + "/rewrite";
  std::error_code wrong;
  std::filesystem::remove_all(folder, wrong);
  std::filesystem::create_directory(folder, wrong);
  if (wrong)
    throw lmdb::failure(wrong.value(), "making the folder " + folder);
  try {
    file().copy_compact(folder);
    sync_or_throw(folder + "/data.mdb");
    check_copy(folder);
  } catch (const lmdb::failure&) {
    std::filesystem::remove_all(folder, wrong);
    throw;
  }
  exchanging_ = std::move(hold);
}

/// The old file is destroyed for it.
void key_file::check_copy(const std::string& folder) const {
  lmdb::env copy{{folder, 0, true}};
  const auto opened = copy.open_tables(tables);
  const reading there{copy};
  const reading here{file()};
  const lmdb::table ours[] = {slots_, persons_, ahead_, meta_};
  for (std::size_t i = 0; i < opened.size(); ++i)
    if (there.entries(opened[i]) != here.entries(ours[i]))
      throw lmdb::failure(EIO, "copying the keys to " + folder);
}

void key_file::swap_in() {
  const auto hold = std::exchange(exchanging_, std::nullopt);
  env_.reset();
  const auto place = folder_ + "/data.mdb";
  const auto fresh = folder_ + "/rewrite/data.mdb";
  const old_file old{place};
  int wrong = ::rename(fresh.c_str(), place.c_str()) == 0 ? 0 : errno;
  std::error_code ignored;
  if (wrong == 0)
    wrong = sync_path(folder_);
  else
    std::filesystem::remove_all(folder_ + "/rewrite", ignored);
  open();
  // Until the new name is durable the old bytes may be what a power cut brings back.
  if (wrong != 0)
    throw lmdb::failure(wrong, "putting " + fresh + " in place");
  old.overwrite();
  std::filesystem::remove_all(folder_ + "/rewrite", ignored);
  writing w{file()};
  w.erase(meta_, "rewrite");
  w.commit();
}

} // namespace careline::store
