#include <algorithm>

#include "messages/uuid.hpp"
#include "store/lmdb/lmdb_log.hpp"
#include "store/lmdb/meta_rows.hpp"
#include "store/row.hpp"

// What is looked through when the log is to be proven: rows that stand in no chain.

namespace careline::store::lmdb {

namespace {

/// So many rows in one transaction, which pins pages.
constexpr std::size_t rows_at_once = 4096;
constexpr std::string_view checkpoint_prefix = "checkpoint/";

} // namespace

log_error lmdb_log::damaged_meta(std::string_view what) const {
  return {log_fault::damaged, "the log in " + options_.place + ": " + std::string{what}};
}

log_error damaged_command(std::string_view row_key) {
  std::string name = "whose id is no UUID";
  if (uuid7 id; row_key.size() >= id.bytes.size() && row_key.front() != timeless) {
    std::copy_n(row_key.begin(), id.bytes.size(), id.bytes.begin());
    name = id.text();
  }
  return {log_fault::damaged,
          "the remembered reply to the command " + name + " is not what was written"};
}

std::optional<log_error> lmdb_log::check_beside(const type_positions& walked,
                                                position until) const {
  try {
    if (auto wrong = check_meta(walked, until))
      return wrong;
    return check_commands();
  } catch (const failure& f) {
    return error_from(f);
  }
}

/// Beside a running engine the rows may know more than was walked, never less.
std::optional<log_error> lmdb_log::check_meta(const type_positions& walked, position until) const {
  const reading r{*env_};
  if (const auto fault = fault_in_meta(r, meta_))
    return damaged_meta(*fault);
  const auto kept = types_in(r);
  const auto differs = [&](const std::string& type, position there) {
    const auto found = walked.find(type);
    return there <= until && (found == walked.end() || found->second != there);
  };
  for (const auto& [type, at] : kept)
    if (differs(type, at))
      return damaged_meta("the last position of " + type + " is not the one of its last record");
  for (const auto& [type, at] : walked)
    if (!kept.contains(type))
      return damaged_meta("the last position of " + type + " is missing");
  const auto head = head_in(r);
  cursor c{r, meta_};
  for (bool more = c.seek(checkpoint_prefix); more && c.key().starts_with(checkpoint_prefix);
       more = c.next())
    if (number_in(c.value()) > head)
      return damaged_meta("the checkpoint of "
                          + std::string{c.key().substr(checkpoint_prefix.size())}
                          + " is above the head");
  return std::nullopt;
}

std::optional<log_error> lmdb_log::check_commands() const {
  std::string last;
  for (bool more = true; more;) {
    const reading r{*env_};
    cursor c{r, commands_};
    more = last.empty() ? c.first() : c.seek(last);
    if (more && c.key() == last)
      more = c.next();
    for (std::size_t n = 0; n < rows_at_once && more; ++n, more = c.next()) {
      if (c.key() <= last || !decode_remembered(c.key(), c.value()))
        return damaged_command(c.key());
      last = c.key();
    }
  }
  return std::nullopt;
}

} // namespace careline::store::lmdb
