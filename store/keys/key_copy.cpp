#include "store/keys/key_copy.hpp"

#include <algorithm>
#include <filesystem>

#include "store/keys/key_file.hpp"
#include "store/keys/old_file.hpp"
#include "store/sync_path.hpp"
#include "store/whole_file.hpp"

namespace careline::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* master_name = "/master.key";
constexpr const char* signing_name = "/signing.key";  ///< made later than the others
constexpr const char* bus_name = "/bus.key";          ///< made where clients need keys
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

result<void, std::string> write_file(const std::string& path, std::string_view bytes) {
  constexpr std::size_t at_once = 1U << 20U;
  whole_file file{path};
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), at_once)))
    if (!file.write(bytes.substr(0, at_once)))
      break;
  return file.finish();
}

result<void, log_error> copy_secrets(const std::string& from, const std::string& to) {
  for (const auto* name : {master_name, signing_name, bus_name}) {
    std::error_code wrong;
    const bool is_elsewhere = name == master_name && is_master_elsewhere();
    if (is_elsewhere || (name != master_name && !fs::exists(from + name, wrong)))
      continue;
    auto bytes = name == master_name    ? read_master_key(from + name)
                 : name == signing_name ? read_signing_key(from + name)
                                        : read_bus_key(from + name);
    if (!bytes)
      return no(log_error{log_fault::damaged, bytes.error().detail});
    if (const auto done = write_file(to + name, bytes->bytes()); !done)
      return no(log_error{log_fault::io, done.error()});
  }
  return {};
}

void put_in_place(const std::string& fresh, const std::string& folder) {
  for (const auto* name : {master_name, signing_name, bus_name, file_name}) {
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
  return fs::exists(folder + file_name, wrong)
         && (is_master_elsewhere() || fs::exists(folder + master_name, wrong));
}

result<std::size_t, log_error> check_keys(const std::string& folder) {
  const auto damaged = [](std::string why) {
    return log_error{log_fault::damaged, std::move(why)};
  };
  try {
    const auto master = load_master_keys(folder, false);
    if (!master)
      return no(damaged(master.error().detail));
    key_file file{whole_name(folder), 0};
    file.open_copy();
    if (file.is_fresh())
      return std::size_t{0};
    nonce_source nonces;
    if (auto why = file.check_master(master->slots, nonces))
      return no(why->fault == log_fault::newer_format ? *why : damaged(why->detail));
    return file.check_slots(master->slots);
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
  try {
    make_private_folder(to);
    fs::remove_all(fresh, ignored);
    make_private_folder(fresh);
    const auto keys = write_file(fresh + file_name, file_->bytes());
    const auto done = keys ? copy_secrets(from_, fresh)
                           : result<void, log_error>{no(log_error{log_fault::io, keys.error()})};
    if (!done) {
      fs::remove_all(fresh, ignored);
      return no(done.error());
    }
    auto count = check_keys(fresh);
    if (count)
      put_in_place(fresh, to);
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
