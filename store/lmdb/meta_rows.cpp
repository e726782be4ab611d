#include "store/lmdb/meta_rows.hpp"

#include <cstring>

#include "store/hash.hpp"

namespace careline::store::lmdb {

namespace {

constexpr std::string_view layout_key = "layout";
constexpr std::string_view sum_key = "sum";

/// Adding a row and taking it away are the same.
void mix(chain_hash& sum, std::string_view key, std::string_view value) {
  std::string row{key};
  row += '\0';
  row += value;
  const auto hash = blake256(row);
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] = static_cast<unsigned char>(sum[i] ^ hash[i]);
}

chain_hash sum_of(const transaction& in, table meta) {
  chain_hash sum{};
  cursor c{in, meta};
  for (bool more = c.first(); more; more = c.next())
    if (c.key() != sum_key)
      mix(sum, c.key(), c.value());
  return sum;
}

std::optional<chain_hash> stored_sum(const transaction& in, table meta) {
  const auto bytes = in.get(meta, sum_key);
  if (!bytes)
    return std::nullopt;
  chain_hash sum{};
  if (bytes->size() == sum.size())
    std::memcpy(sum.data(), bytes->data(), sum.size());
  return sum;
}

} // namespace

std::string layout_bytes() {
  std::string bytes(sizeof layout, '\0');
  std::memcpy(bytes.data(), &layout, sizeof layout);
  return bytes;
}

std::optional<std::uint32_t> layout_in(const transaction& in, table meta) {
  const auto found = in.get(meta, layout_key);
  if (!found)
    return std::nullopt;
  std::uint32_t number = 0;
  if (found->size() == sizeof number)
    std::memcpy(&number, found->data(), sizeof number);
  return number;
}

std::optional<std::string> fault_in_meta(const transaction& in, table meta) {
  const auto stored = stored_sum(in, meta);
  if (!stored && (in.entries(meta) == 0 || layout_in(in, meta) == 1))
    return std::nullopt;
  if (stored && *stored == sum_of(in, meta))
    return std::nullopt;
  return "a row of its table \"meta\" (checkpoints, epoch, last positions) is not what was written";
}

meta_change::meta_change(writing& in, table meta) : in_(in), meta_(meta) {
  const auto stored = stored_sum(in, meta);
  sum_ = stored ? *stored : sum_of(in, meta);
}

void meta_change::put(std::string_view key, std::string_view value) {
  if (const auto before = in_.get(meta_, key))
    mix(sum_, key, *before);
  mix(sum_, key, value);
  in_.put(meta_, key, value);
}

void meta_change::finish() {
  in_.put(meta_, sum_key, bytes_of(sum_));
}

} // namespace careline::store::lmdb
