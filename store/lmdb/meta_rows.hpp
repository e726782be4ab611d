#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/event_log.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "store/log_rows.hpp"

// The rows of `meta` stand in no chain; the row `sum` holds them together (docs/log-format.md):
// one that changed, is missing or is too many shows. Every function may throw `failure`.

namespace careline::store::lmdb {

/// The tables of a log, in the order in which `open_tables` gives them.
inline constexpr table_spec log_tables[] = {
    {"log", true}, {"commands", false, true}, {"meta"}};

/// The layout that is written. Before 2 there was no sum.
inline constexpr std::uint32_t layout = newest_layout;
std::string layout_bytes();

/// The layout that the table says; nothing when it says none.
std::optional<std::uint32_t> layout_in(const transaction& in, table meta);

/// What is wrong with the rows, as a sentence without its end; nothing when they are what was
/// written, or of a time without a sum.
std::optional<std::string> fault_in_meta(const transaction& in, table meta);

/// Changes rows, and the sum with them. Only what is changed is looked at, so that a row that
/// changed by itself stays one that the sum does not know.
class meta_change {
public:
  /// Both outlive it.
  meta_change(writing& in, table meta);
  void put(std::string_view key, std::string_view value);
  /// Writes the sum: last of all.
  void finish();

private:
  writing& in_;
  table meta_;
  chain_hash sum_;
};

} // namespace careline::store::lmdb
