#include "tools/careline/log_lines.hpp"

#include <algorithm>

#include "messages/codec.hpp"
#include "messages/fields.hpp"
#include "messages/json.hpp"
#include "messages/packing.hpp"
#include "store/hash.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

constexpr int format_version = 1;
constexpr std::string_view kind_key = "careline";
constexpr std::string_view head_kind = "log";
constexpr std::string_view end_kind = "end";
constexpr std::string_view packed_key = "packed";
constexpr std::string_view empty_map = "\x80";

store::log_error bad(std::string_view what) {
  // It may hold what the file holds, and is printed.
  return {store::log_fault::damaged, printable(what)};
}

std::string digits_of(const store::chain_hash& hash) {
  return store::to_hex(store::bytes_of(hash));
}

std::string finished(export_format as, const value& item) {
  return as == export_format::jsonl ? to_json(item) + "\n" : pack(item);
}

/// What JSON has no word for, or writes in a way that may be read as something else.
enum class json_form { same, unsure, other };
json_form form_of(const value& v) {
  auto worst = v.as<binary>() ? json_form::other
               : v.as<double>() ? json_form::unsure : json_form::same;
  if (const auto* list = v.as<value::list>())
    for (const auto& item : *list)
      worst = std::max(worst, form_of(item));
  if (const auto* map = v.as<value::map>())
    for (const auto& [key, item] : *map)
      worst = std::max(worst, form_of(item));
  return worst;
}

bool is_kept_by_json(const value& data, std::string_view bytes) {
  const auto form = form_of(data);
  if (form == json_form::other || pack(data) != bytes)
    return false;
  if (form == json_form::same)
    return true;
  const auto again = from_json(to_json(data));
  return again && *again == data;
}

/// The event as a line shows it. `packed` stands beside or in place of `data` where the bytes that
/// the hash was made of cannot be had from it.
value shown(const exported_event& event) {
  auto v = to_value(event.record);
  const bool readable = v.has_value();
  if (!readable) {
    auto bare = event.record;
    bare.data = empty_map;
    v = to_value(bare);
  }
  auto& map = *v->as<value::map>();
  const auto& data = map.back().second;
  const bool fits = readable && depth_of(data) < depth_max;
  const bool is_kept = fits && is_kept_by_json(data, event.record.data);
  if (!fits)
    map.pop_back();
  if (!is_kept)
    v->add(packed_key, to_base64url(event.record.data));
  v->add("hash", digits_of(event.hash));
  return std::move(*v);
}

result<store::chain_hash, store::log_error> hash_in(const value& item) {
  const auto hash = store::hash_from_hex(item.text_or("hash"));
  if (!hash)
    return no(bad("has no hash, 64 digits under \"hash\""));
  return *hash;
}

/// Places and counts: 0 where there is none.
result<std::uint64_t, store::log_error> number_in(const value& item, std::string_view key) {
  std::uint64_t n = 0;
  if (const auto* found = item.find(key))
    if (read(*found, n, std::string{}))
      return no(bad("has no whole number under \"" + std::string{key} + "\""));
  return n;
}

result<exported, store::log_error> read_head(const value& item) {
  if (item.int_or("format", 0) > format_version)
    return no(store::log_error{store::log_fault::newer_format,
                               "is of a newer format; use the newer program"});
  const auto hash = hash_in(item);
  if (!hash)
    return no(hash.error());
  const auto after = number_in(item, "after");
  if (!after)
    return no(after.error());
  return exported_head{*after, *hash};
}

result<exported, store::log_error> read_end(const value& item) {
  const auto hash = hash_in(item);
  if (!hash)
    return no(hash.error());
  exported_end end;
  end.log.hash = *hash;
  const std::pair<std::string_view, std::uint64_t*> numbers[] = {
      {"head", &end.log.head}, {"epoch", &end.log.epoch}, {"events", &end.events}};
  for (const auto& [key, into] : numbers) {
    const auto n = number_in(item, key);
    if (!n)
      return no(n.error());
    *into = *n;
  }
  if (const auto* all = item.find("checkpoints"); all && all->is_map())
    for (const auto& [name, ignored] : *all->as<value::map>()) {
      const auto at = number_in(*all, name);
      if (!at)
        return no(at.error());
      end.log.checkpoints.push_back({name, *at});
    }
  return end;
}

/// A head or an end; nothing when it is an event.
std::optional<result<exported, store::log_error>> read_frame(const value& item) {
  const auto kind = item.text_or(kind_key);
  if (kind == head_kind)
    return read_head(item);
  if (kind == end_kind)
    return read_end(item);
  return std::nullopt;
}

result<exported, store::log_error> read_line(std::string_view line) {
  const auto item = from_json(line);
  if (!item)
    return no(bad("is no JSON: " + item.error().detail));
  if (auto frame = read_frame(*item))
    return *frame;
  exported_event event;
  auto record = read_event_record(*item);
  if (!record)
    return no(bad("is no event: " + record.error().field + " " + record.error().detail));
  event.record = std::move(*record);
  if (const auto* packed = item->find(packed_key)) {
    const auto* text = packed->as<std::string>();
    auto bytes = text ? store::from_base64url(*text) : std::nullopt;
    if (!bytes)
      return no(bad("has bytes under \"packed\" that are no base64url"));
    event.record.data = std::move(*bytes);
  }
  const auto hash = hash_in(*item);
  if (!hash)
    return no(hash.error());
  event.hash = *hash;
  // Spaces may have been changed on the way, nothing else.
  const auto again = to_json(shown(event));
  if (again != line) {
    const auto same = from_json(again);
    if (!same || *same != *item)
      return no(bad("shows something else than what was written"));
  }
  return event;
}

result<exported, store::log_error> read_map(std::string_view bytes) {
  unpacker in{bytes};
  const auto packed = in.find("event");
  if (!packed) {
    const auto item = unpack_said(bytes, bytes.size());
    if (!item)
      return no(bad("is no MessagePack: " + item.error().detail));
    const auto frame = read_frame(*item);
    return frame ? *frame : no(bad("is no event"));
  }
  exported_event event;
  auto record = read_event_record(*packed);
  if (!record)
    return no(bad("is no event: " + record.error().field + " " + record.error().detail));
  event.record = std::move(*record);
  const auto hash = in.find("hash");
  const auto read = hash ? unpack_said(*hash, hash->size()) : value{};
  const auto* digits = read ? read->as<std::string>() : nullptr;
  const auto known = digits ? store::hash_from_hex(*digits) : std::nullopt;
  if (!known)
    return no(bad("has no hash, 64 digits under \"hash\""));
  event.hash = *known;
  if (to_bus_body(event.record) != *packed)
    return no(bad("shows something else than what was written"));
  return event;
}

} // namespace

std::size_t depth_of(const value& v) {
  std::size_t below = 0;
  if (const auto* list = v.as<value::list>())
    for (const auto& item : *list)
      below = std::max(below, depth_of(item));
  else if (const auto* map = v.as<value::map>())
    for (const auto& [key, item] : *map)
      below = std::max(below, depth_of(item));
  else
    return 0;
  return below + 1;
}

std::string export_item(export_format as, const exported_head& head) {
  value item{value::map{}};
  item.add(kind_key, head_kind);
  item.add("format", format_version);
  item.add("partition", default_partition);
  item.add("after", value{head.after});
  item.add("hash", digits_of(head.hash));
  return finished(as, item);
}

std::string export_item(export_format as, const exported_event& event) {
  if (as == export_format::jsonl)
    return to_json(shown(event)) + "\n";
  std::string out;
  packer to{out};
  to.packed("event", to_bus_body(event.record));
  to.must("hash", digits_of(event.hash));
  to.end();
  return out;
}

std::string export_item(export_format as, const exported_end& end) {
  value checkpoints{value::map{}};
  for (const auto& c : end.log.checkpoints)
    checkpoints.add(c.listener, value{c.at});
  value item{value::map{}};
  item.add(kind_key, end_kind);
  item.add("events", value{end.events});
  item.add("head", value{end.log.head});
  item.add("hash", digits_of(end.log.hash));
  item.add("epoch", value{end.log.epoch});
  item.add("checkpoints", checkpoints);
  return finished(as, item);
}

result<exported, store::log_error> read_exported(export_format as, std::string_view item) {
  return as == export_format::jsonl ? read_line(item) : read_map(item);
}

} // namespace careline::program
