#include "gateway/kit/cpp/convert.hpp"

#include <algorithm>
#include <utility>

#include "messages/codec.hpp"
#include "messages/time.hpp"

namespace careline_gateway {

namespace {

/// The most that an engine tells in one event.
constexpr std::size_t event_bytes_max = 4 * 1024 * 1024;

struct outward {
  careline::value operator()(std::monostate) const { return {}; }
  careline::value operator()(const bytes& b) const { return careline::binary{b.content}; }
  careline::value operator()(const value::list& items) const {
    careline::value::list out;
    for (const auto& item : items)
      out.push_back(std::visit(*this, item.held()));
    return out;
  }
  careline::value operator()(const value::map& fields) const { return to_wire(fields); }
  careline::value operator()(const auto& plain) const { return plain; }
};

struct inward {
  value operator()(std::monostate) const { return {}; }
  value operator()(const careline::binary& b) const { return bytes{b.bytes}; }
  value operator()(const careline::value::list& items) const {
    value::list out;
    for (const auto& item : items)
      out.push_back(from_wire(item));
    return out;
  }
  value operator()(const careline::value::map& fields) const {
    value::map out;
    for (const auto& [key, item] : fields)
      out.emplace_back(key, from_wire(item));
    return out;
  }
  value operator()(const auto& plain) const { return plain; }
};

outcome_kind from_wire(careline::outcome_kind said) {
  switch (said) {
    case careline::outcome_kind::accepted: return outcome_kind::accepted;
    case careline::outcome_kind::refused: return outcome_kind::refused;
    case careline::outcome_kind::busy: return outcome_kind::busy;
    case careline::outcome_kind::invalid: break;
  }
  return outcome_kind::invalid;
}

} // namespace

careline::value to_wire(const value::map& fields) {
  careline::value::map out;
  for (const auto& [key, item] : fields)
    if (!item.is_nothing())
      out.emplace_back(key, std::visit(outward{}, item.held()));
  return out;
}

value from_wire(const careline::value& v) {
  return std::visit(inward{}, v.held());
}

reply from_wire(careline::reply r) {
  reply out;
  out.id = std::move(r.id);
  out.outcome = from_wire(r.outcome);
  out.position = r.at;
  out.data = r.data.is_nil() ? value{value::map{}} : from_wire(r.data);
  if (r.why)
    out.problem = {r.why->type, r.why->title, r.why->field, r.why->detail};
  out.retry = milliseconds{r.retry_ms.value_or(0)};
  out.fallback = std::move(r.fallback);
  return out;
}

event from_wire(const careline::event_record& e) {
  event out;
  out.type = e.type;
  out.position = e.at;
  out.previous = e.previous;
  out.subject = e.subject;
  out.time = careline::to_rfc3339(e.time);
  out.cause = e.causation;
  out.about = e.correlation;
  const auto data = careline::unpack_said(e.data, event_bytes_max);
  out.data = data ? from_wire(*data) : value{value::map{}};
  return out;
}

const value* value::find(std::string_view key) const noexcept {
  const auto* fields = as<map>();
  if (!fields)
    return nullptr;
  const auto found = std::find_if(fields->begin(), fields->end(),
                                  [&](const auto& field) { return field.first == key; });
  return found == fields->end() ? nullptr : &found->second;
}

std::string value::text(std::string_view key, std::string_view otherwise) const {
  const auto* item = find(key);
  const auto* held = item ? item->as<std::string>() : nullptr;
  return held ? *held : std::string{otherwise};
}

std::int64_t value::whole(std::string_view key, std::int64_t otherwise) const noexcept {
  const auto* item = find(key);
  const auto* held = item ? item->as<std::int64_t>() : nullptr;
  return held ? *held : otherwise;
}

double value::number(std::string_view key, double otherwise) const noexcept {
  const auto* item = find(key);
  if (const auto* whole = item ? item->as<std::int64_t>() : nullptr)
    return static_cast<double>(*whole);
  const auto* held = item ? item->as<double>() : nullptr;
  return held ? *held : otherwise;
}

bool value::is_true(std::string_view key) const noexcept {
  const auto* item = find(key);
  const auto* held = item ? item->as<bool>() : nullptr;
  return held && *held;
}

} // namespace careline_gateway
