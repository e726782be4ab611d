#include "store/keys/key_look.hpp"

#include <filesystem>

namespace careline::store {

namespace {

namespace fs = std::filesystem;

log_error damaged(std::string why) {
  return {log_fault::damaged, std::move(why)};
}

/// A copy that something was killed over may open with neither key; by its master key it is ours.
bool has_same_master(const std::string& one, const std::string& other) {
  const auto a = read_master_key(master_file(one));
  const auto b = read_master_key(master_file(other));
  return a && b && a->bytes() == b->bytes();
}

/// Why they are no older copy of ours from `from`, as a piece of a sentence.
std::optional<std::string> unlike(const looked_at& ours, const looked_at& theirs,
                                  const std::string& from) {
  const auto id = theirs.file.id();
  if (theirs.master.persons.bytes() != ours.master.persons.bytes()
      || (!id.empty() && id != ours.file.id()))
    return "are of another centre than those in " + from + ", or those were made anew";
  if (theirs.file.next_slot() > ours.file.next_slot()
      || !ours.file.agrees_with(theirs.file, ours.master.slots, theirs.master.slots))
    return "open what those in " + from + " cannot open, which were made anew or are an older copy";
  return std::nullopt;
}

} // namespace

std::string whole_name(const std::string& folder) {
  std::error_code wrong;
  const auto whole = fs::weakly_canonical(folder, wrong).string();
  return wrong ? folder : whole;
}

result<looked_at, log_error> look_at_keys(const std::string& folder, const master_keys* given) {
  auto master = load_master_keys(folder, false);
  auto path = is_master_elsewhere() ? std::string{} : master_file(folder);
  key_file file{whole_name(folder), 0};
  file.open_copy();
  const auto fits = [&] { return master && file.fits(master->slots); };
  if (!fits() && !path.empty())
    if (const auto next = read_master_key(next_master_file(folder));
        next && file.fits(keys_from(*next).slots)) {
      master = keys_from(*next);
      path = next_master_file(folder);
    }
  if (!fits() && given && file.fits(given->slots)) {
    master = *given;
    path.clear();
  }
  if (!master)
    return no(damaged(master.error().detail));
  if (!file.is_fresh()) {
    nonce_source nonces;
    if (auto why = file.check_master(master->slots, nonces))
      return no(why->fault == log_fault::newer_format ? *why : damaged(why->detail));
    if (const auto hashing = file.hashing_keys(master->slots)) {
      master->persons = hashing->persons;
      master->commands = hashing->commands;
    }
  }
  return looked_at{std::move(file), *master, path};
}

std::optional<log_error> refuse_other_keys(const looked_at& ours, const std::string& fresh,
                                           const std::string& from, const std::string& there) {
  if (std::error_code absent; !fs::exists(there + "/data.mdb", absent)
                              && !fs::exists(master_file(there), absent))
    return std::nullopt;
  const auto refused = [&](const std::string& what) {
    return log_error{log_fault::conflict, "the keys in " + there + " " + what
                                              + ": they stay as they are; name another folder"};
  };
  std::string unknown;
  try {
    const auto theirs = look_at_keys(there, &ours.master);
    if (theirs) {
      const auto what = unlike(ours, *theirs, from);
      return what ? std::optional{refused(*what)} : std::nullopt;
    }
    if (theirs.error().fault == log_fault::newer_format)
      return theirs.error();
    unknown = theirs.error().detail;
  } catch (const lmdb::failure& f) {
    unknown = f.what();
  }
  if (has_same_master(fresh, there))
    return std::nullopt;
  return refused("cannot be known for a copy of those in " + from + " (" + unknown + ")");
}

} // namespace careline::store
