#include "store/backup.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "store/backup_files.hpp"
#include "store/folder_lock.hpp"
#include "store/keys/key_copy.hpp"
#include "store/log_builder.hpp"
#include "store/row.hpp"
#include "store/whole_file.hpp"

// docs/log-format.md, "Backup, format 1".

namespace careline::store {

namespace {

namespace fs = std::filesystem;
using done = result<void, log_error>;

log_error io(const std::string& sentence) {
  return {log_fault::io, sentence};
}

/// The folder is there, and nobody else's.
result<folder_lock, log_error> take_folder(const std::string& folder) {
  std::error_code wrong;
  fs::create_directories(folder, wrong);
  if (wrong)
    return no(io("cannot make the folder " + folder + ": " + wrong.message()));
  for (const auto& entry : fs::directory_iterator{folder, wrong})
    if (const auto name = entry.path().filename().string(); !is_of_backup(name))
      return no(io(folder + " is no backup, it holds " + name
                   + ": name an empty folder or one with a backup"));
  if (wrong)
    return no(io("cannot look into " + folder + ": " + wrong.message()));
  auto lock = folder_lock::take(folder);
  if (lock)
    return std::move(*lock);
  if (lock.error().held_by_other)
    return no(log_error{log_fault::locked, "another backup into " + folder
                                               + " is going on; wait until it is done"});
  return no(io(lock.error().detail));
}

/// A log that went another way since, or never was the same.
done refuse_other_log(const backup_request& what, const log_rows& source, const log_state& old,
                      const log_state& now) {
  const auto at = std::to_string(old.head);
  if (old.head > now.head)
    return no(log_error{log_fault::conflict,
                        "the backup in " + what.to + " goes up to event " + at + ", the log in "
                            + what.data + " only to " + std::to_string(now.head)
                            + ": it is another log, or an older copy; name another folder"});
  const auto hash = source.hash_at(old.head);
  if (!hash)
    return no(hash.error());
  if (*hash != old.hash)
    return no(log_error{log_fault::conflict,
                        "the backup in " + what.to + " is of another log than " + what.data
                            + ": event " + at + " is not the same in both; name another folder"});
  return {};
}

/// The rows that the backup does not have yet, as a part of their own.
done add_part(const backup_request& what, const log_rows& source, const log_state& old,
              const log_state& now, backed_up& out, const progress& tell) {
  if (old.head == now.head)
    return {};
  whole_file file{backup_part_path(what.to, old.head)};
  file.write(backup_part_head(old.head, old.hash));
  chain_hash hash{};
  const auto walked = source.walk(old.head, old.hash, now.head, [&](std::string_view row) {
    out.bytes += row.size();
    hash = split_row(row)->hash;
    return file.write(backup_row_head(row)) && file.write(row);
  }, tell);
  if (!walked)
    return walked;
  file.write(backup_part_end(now.head, hash));
  if (auto whole = file.finish(); !whole)
    return no(io(whole.error()));
  return {};
}

/// After the rows: whatever is sealed in them has its key by now.
done add_keys(const backup_request& what, backed_up& out) {
  const auto keys = what.data + "/keys";
  if (what.keys_to.empty() || !has_keys(keys))
    return {};
  const auto copied = copy_keys(keys, keys_are::in_use, what.keys_to);
  if (!copied)
    return no(copied.error());
  out.has_keys = true;
  out.keys = *copied;
  return {};
}

done fill(const backup_request& what, const backup_state& old, backed_up& out,
          const progress& tell) {
  const auto source = log_rows::open(what.data);
  if (!source)
    return no(source.error());
  auto now = (*source)->state();
  if (!now)
    return no(now.error());
  if (auto same = refuse_other_log(what, **source, old.log, *now); !same)
    return same;
  out.head = now->head;
  out.hash = now->hash;
  out.held_us = now->held_us;
  out.last = now->last;
  remove_leftovers(what.to, old.log.head);
  if (auto did = add_part(what, **source, old.log, *now, out, tell); !did)
    return did;
  if (auto did = add_keys(what, out); !did)
    return did;
  return write_backup_state(what.to, {std::move(*now), what.now});
}

} // namespace

result<backed_up, log_error> back_up(const backup_request& what, const progress& tell) {
  if (std::error_code wrong; !fs::exists(what.data + "/log/data.mdb", wrong))
    return no(io("there is no log in " + what.data));
  const auto lock = take_folder(what.to);
  if (!lock)
    return no(lock.error());
  const auto found = read_backup_state(what.to);
  if (!found)
    return no(found.error());
  const auto old = found->value_or(backup_state{});
  if (const auto parts = find_backup_parts(what.to, old.log); !parts)
    return no(parts.error());
  backed_up out;
  out.before = old.log.head;
  if (auto filled = fill(what, old, out, tell); !filled) {
    auto why = filled.error();
    if (*found)
      why.detail += "; the backup of " + to_rfc3339(old.taken) + " in " + what.to
                    + " stays as it was, up to event " + std::to_string(old.log.head);
    return no(why);
  }
  return out;
}

namespace {

result<backup_state, log_error> find_backup(const std::string& folder) {
  auto found = read_backup_state(folder);
  if (!found)
    return no(found.error());
  if (!*found)
    return no(io("there is no backup in " + folder + ": it has no file \"state\""));
  return std::move(**found);
}

/// Walks all parts; where there is no builder the rows are only checked.
done take_rows(const std::vector<backup_part>& parts, position head, log_builder* into,
               const progress& tell) {
  chain_walk chain{0, chain_hash{}};
  for (const auto& part : parts) {
    const auto walked = walk_backup_part(part, [&](std::string_view row) -> done {
      const auto at = chain.at() + 1;
      if (!chain.step(row))
        return no(log_error{log_fault::damaged, part.path + ": record " + std::to_string(at)
                                                    + " is not what was written", at});
      if (tell && at % 4096 == 0)
        tell(at, head);
      return into ? into->add(row) : done{};
    });
    if (!walked)
      return walked;
    if (chain.at() != part.head || chain.hash() != part.hash)
      return no(log_error{log_fault::damaged, part.path + " ends at another event than it says",
                          chain.at() + 1});
  }
  return {};
}

/// What is wrong with the commands, if anything: every byte of them must be one.
bool are_whole(std::string_view commands) {
  while (take_command(commands)) {
  }
  return commands.empty();
}

done refuse_without_keys(const restore_request& what) {
  if (what.keys_from.empty() || has_keys(what.keys_from))
    return {};
  return no(io("there are no keys in " + what.keys_from
               + ": without them nothing personal in the log can be read again; say where they "
                 "are (--keys), or that they are not wanted (--without-keys)"));
}

done take_keys(const restore_request& what, const log_builder* into, restored& out) {
  if (what.keys_from.empty())
    return {};
  const auto keys = into ? copy_keys(what.keys_from, keys_are::a_copy, into->keys_folder())
                         : check_keys(what.keys_from);
  if (!keys)
    return no(keys.error());
  out.keys = *keys;
  return {};
}

done build(const restore_request& what, const backup_state& state,
           const std::vector<backup_part>& parts, restored& out, const progress& tell) {
  std::unique_ptr<log_builder> builder;
  if (!what.only_check) {
    auto begun = log_builder::begin(what.to, out.bytes);
    if (!begun)
      return no(begun.error());
    builder = std::move(*begun);
  }
  if (auto did = take_rows(parts, state.log.head, builder.get(), tell); !did)
    return did;
  if (auto did = take_keys(what, builder.get(), out); !did)
    return did;
  return builder ? builder->finish(state.log) : done{};
}

} // namespace

result<restored, log_error> restore(const restore_request& what, const progress& tell) {
  const auto state = find_backup(what.from);
  if (!state)
    return no(state.error());
  const auto parts = find_backup_parts(what.from, state->log);
  if (!parts)
    return no(parts.error());
  if (!are_whole(state->log.commands))
    return no(log_error{log_fault::damaged, "the remembered commands of the backup are cut short"});
  if (auto there = refuse_without_keys(what); !there)
    return no(there.error());
  restored out{state->log.head, state->log.hash, state->taken, state->log.last, 0, 0};
  for (const auto& part : *parts)
    out.bytes += part.bytes;
  if (auto built = build(what, *state, *parts, out, tell); !built)
    return no(built.error());
  return out;
}

} // namespace careline::store
