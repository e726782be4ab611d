#include "store/log_rows.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <lmdb.h>

#include "store/lmdb/lmdb_env.hpp"
#include "store/lmdb/meta_rows.hpp"
#include "store/lmdb/lmdb_log.hpp"
#include "store/row.hpp"
#include "store/stopwatch.hpp"

namespace careline::store {

namespace {

using lmdb::cursor;
using lmdb::number_bytes;
using lmdb::number_in;
using lmdb::reading;

constexpr std::string_view checkpoint_prefix = "checkpoint/";
constexpr std::size_t command_key_bytes = 32;
constexpr std::size_t command_head_bytes = command_key_bytes + sizeof(std::uint16_t);
/// What is copied in memory in one transaction.
constexpr std::size_t chunk_bytes = 4U << 20U;

log_error damage_at(position at) {
  return {log_fault::damaged, "record " + std::to_string(at) + " is not what was written", at};
}

/// Rows that were taken out of the log, one behind the other.
struct chunk {
  std::string bytes;
  std::vector<std::size_t> ends;
};

} // namespace

std::optional<kept_command> take_command(std::string_view& commands) {
  if (commands.size() < command_head_bytes)
    return std::nullopt;
  std::uint16_t length = 0;
  std::memcpy(&length, commands.data() + command_key_bytes, sizeof length);
  if (commands.size() < command_head_bytes + length)
    return std::nullopt;
  const kept_command one{commands.substr(0, command_key_bytes),
                         commands.substr(command_head_bytes, length)};
  commands.remove_prefix(command_head_bytes + length);
  return one;
}

void add_command(std::string& commands, const kept_command& one) {
  const auto length = static_cast<std::uint16_t>(one.row.size());
  commands += one.key;
  commands.append(reinterpret_cast<const char*>(&length), sizeof length);
  commands += one.row;
}

struct log_rows::impl {
  explicit impl(const std::string& folder) : file({folder, 0, true}) {
    const auto opened = file.open_tables(lmdb::log_tables);
    log = opened[0];
    commands = opened[1];
    meta = opened[2];
  }

  chain_hash hash_in(const reading& r, position at) const {
    const auto bytes = at == 0 ? std::nullopt : r.get(log, number_bytes{at});
    const auto found = bytes ? split_row(*bytes) : std::nullopt;
    return found ? found->hash : chain_hash{};
  }

  /// Into what was used before: a new block of this size comes from the system each time.
  void take(position after, position until, chunk& out) const {
    out.bytes.clear();
    out.ends.clear();
    const reading r{file};
    cursor c{r, log};
    auto expected = after + 1;
    for (bool more = c.seek(number_bytes{expected}); more && expected <= until; more = c.next()) {
      if (number_in(c.key()) != expected)
        break;
      out.bytes += c.value();
      out.ends.push_back(out.bytes.size());
      ++expected;
      if (out.bytes.size() >= chunk_bytes)
        break;
    }
  }

  void read_head(log_state& s) const {
    const reading r{file};
    cursor records{r, log};
    if (records.last()) {
      s.head = number_in(records.key());
      const auto row = split_row(records.value());
      const auto event = row ? decode_record(row->record) : std::nullopt;
      if (!event)
        throw lmdb::failure(MDB_CORRUPTED, "reading the last record");
      s.hash = row->hash;
      s.last = event->time;
    }
    s.layout = lmdb::layout_in(r, meta).value_or(newest_layout);
    if (const auto epoch = r.get(meta, "epoch"))
      s.epoch = number_in(*epoch);
    cursor m{r, meta};
    for (bool more = m.seek(checkpoint_prefix); more && m.key().starts_with(checkpoint_prefix);
         more = m.next())
      s.checkpoints.push_back(
          {std::string{m.key().substr(checkpoint_prefix.size())}, number_in(m.value())});
  }

  /// Into `out` the commands behind `last`, which goes on. False: there are no more.
  bool take_commands(position head, std::string& last, std::string& out) const {
    out.clear();
    const reading r{file};
    cursor c{r, commands};
    bool more = last.empty() ? c.first() : c.seek(last);
    if (more && c.key() == last)
      more = c.next();
    for (; more && out.size() < chunk_bytes; more = c.next()) {
      if (c.key().size() != command_key_bytes || c.value().size() > 0xFFFFU)
        throw lmdb::failure(MDB_CORRUPTED, "reading the remembered commands");
      last = c.key();
      // What was done since has its answer in the log that has its events.
      if (position_in_remembered(c.value()) <= head)
        add_command(out, {c.key(), c.value()});
    }
    return more;
  }

  log_state state(const std::function<void()>& between) const {
    log_state s;
    auto began = steady_us();
    const auto pause = [&] {
      s.held_us = std::max(s.held_us, steady_us() - began);
      if (between)
        between();
      began = steady_us();
    };
    read_head(s);
    pause();
    std::string last, some;
    for (bool more = true; more;) {
      more = take_commands(s.head, last, some);
      pause();
      s.commands += some;
      began = steady_us();
    }
    return s;
  }

  lmdb::env file;
  lmdb::table log = 0;
  lmdb::table commands = 0;
  lmdb::table meta = 0;
};

log_rows::log_rows(std::unique_ptr<impl> of) : impl_(std::move(of)) {}
log_rows::~log_rows() = default;

result<std::unique_ptr<log_rows>, log_error> log_rows::open(const std::string& data_folder) {
  open_options options;
  options.place = data_folder;
  options.read_only = true;
  if (auto log = open_event_log(options); !log)
    return no(log.error());
  try {
    std::error_code wrong;
    const auto whole = std::filesystem::weakly_canonical(data_folder, wrong).string();
    auto file = std::make_unique<impl>((wrong ? data_folder : whole) + "/log");
    return std::unique_ptr<log_rows>{new log_rows{std::move(file)}};
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
}

result<log_state, log_error> log_rows::state(const std::function<void()>& between) const {
  try {
    return impl_->state(between);
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
}

result<chain_hash, log_error> log_rows::hash_at(position at) const {
  try {
    return impl_->hash_in(reading{impl_->file}, at);
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
}

result<void, log_error> log_rows::walk(position after, const chain_hash& hash, position until,
                                       const each_row& each, const progress& tell) const {
  try {
    chain_walk chain{after, hash};
    chunk some;
    while (chain.at() < until) {
      impl_->take(chain.at(), until, some);
      std::size_t from = 0;
      for (const auto end : some.ends) {
        const auto row = std::string_view{some.bytes}.substr(from, end - from);
        if (!chain.step(row))
          return no(damage_at(chain.at() + 1));
        if (!each(row))
          return {};
        from = end;
      }
      if (some.ends.empty())
        return no(damage_at(chain.at() + 1));
      if (tell)
        tell(chain.at(), until);
    }
    return {};
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
}

} // namespace careline::store
