#include "store/keys/key_copy.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>

#include "store/keys/key_file.hpp"
#include "store/keys/old_file.hpp"
#include "store/sync_path.hpp"
#include "store/whole_file.hpp"

namespace careline::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* master_name = "/master.key";
constexpr const char* signing_name = "/signing.key";  ///< made later than the others
constexpr const char* file_name = "/data.mdb";

/// In what is copied the new file lies beside the one that it takes the place of.
std::string unfinished_in(const std::string& folder) {
  return folder + "/unfinished";
}

std::string whole_name(const std::string& folder) {
  std::error_code wrong;
  const auto whole = fs::weakly_canonical(folder, wrong).string();
  return wrong ? folder : whole;
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

void copy_environment(const std::string& from, keys_are what, const std::string& to) {
  {
    const key_hold hold{from, key_hold::kind::to_read};
    lmdb::env_options reading_it{from, 0, true};
    reading_it.locks = what == keys_are::in_use;
    lmdb::env{reading_it}.copy_compact(to);
  }
  if (::chmod((to + file_name).c_str(), 0600) != 0)
    throw lmdb::failure(errno, "making " + to + " private");
  if (const int wrong = sync_path(to + file_name))
    throw lmdb::failure(wrong, "syncing " + to);
}

result<void, std::string> copy_secrets(const std::string& from, const std::string& to) {
  for (const auto* name : {master_name, signing_name}) {
    std::error_code wrong;
    if (name == signing_name && !fs::exists(from + name, wrong))
      continue;
    auto bytes = name == master_name ? read_master_key(from + name) : read_signing_key(from + name);
    if (!bytes)
      return no(bytes.error());
    whole_file file{to + name};
    file.write(bytes->bytes());
    if (auto done = file.finish(); !done)
      return done;
  }
  return {};
}

void put_in_place(const std::string& fresh, const std::string& folder) {
  for (const auto* name : {master_name, signing_name, file_name}) {
    std::error_code absent;
    if (!fs::exists(fresh + name, absent))
      continue;
    const old_file old{folder + name};
    std::error_code wrong;
    fs::rename(fresh + name, folder + name, wrong);
    must(wrong, "putting " + folder + name + " in place");
    if (const int code = sync_path(folder))
      throw lmdb::failure(code, "syncing " + folder);
    old.overwrite();
  }
}

} // namespace

bool has_keys(const std::string& folder) {
  std::error_code wrong;
  return fs::exists(folder + file_name, wrong) && fs::exists(folder + master_name, wrong);
}

result<std::size_t, std::string> check_keys(const std::string& folder) {
  try {
    const auto master = load_master_keys(folder + master_name, false);
    if (!master)
      return no(master.error());
    key_file file{whole_name(folder), 0};
    file.open_copy();
    if (file.is_fresh())
      return std::size_t{0};
    nonce_source nonces;
    if (auto why = file.check_master(master->slots, nonces))
      return no(*why);
    return file.check_slots(master->slots);
  } catch (const lmdb::failure& f) {
    return no("the keys in " + folder + " cannot be used: " + f.what());
  }
}

result<std::size_t, std::string> copy_keys(const std::string& from, keys_are what,
                                           const std::string& to) {
  const auto fresh = unfinished_in(to);
  std::error_code ignored;
  try {
    make_private_folder(to);
    fs::remove_all(fresh, ignored);
    make_private_folder(fresh);
    copy_environment(whole_name(from), what, fresh);
    if (auto done = copy_secrets(from, fresh); !done)
      return no(done.error());
    auto count = check_keys(fresh);
    if (count)
      put_in_place(fresh, to);
    fs::remove_all(fresh, ignored);
    return count;
  } catch (const lmdb::failure& f) {
    fs::remove_all(fresh, ignored);
    return no("the keys in " + from + " cannot be copied to " + to + ": " + f.what());
  }
}

} // namespace careline::store
