#include "actors/kernel/turn_answer.hpp"

#include <utility>

namespace careline::kernel {

namespace {

/// The entry that takes most room; the end where only `contact` is left.
value::map::iterator largest(value::map& entries, const packed_size& size_of) {
  auto out = entries.end();
  std::size_t most = 0;
  for (auto at = entries.begin(); at != entries.end(); ++at) {
    const auto bytes = size_of(at->second);
    if (at->first != "contact" && bytes > most) {
      most = bytes;
      out = at;
    }
  }
  return out;
}

} // namespace

value kept_data(value data, const packed_size& size_of) {
  if (size_of(data) <= kept_bytes_max)
    return data;
  auto* entries = data.as<value::map>();
  if (!entries)
    return {};
  value::list left_out;
  const auto next = [&] { return largest(*entries, size_of); };
  for (auto at = next(); at != entries->end(); at = next()) {
    left_out.emplace_back(at->first);
    entries->erase(at);
    auto all = data;
    all.set("left_out", left_out);
    if (size_of(all) <= kept_bytes_max)
      return all;
  }
  return size_of(data) <= kept_bytes_max ? data : value{};
}

void tell_place(const command& c, position head, reply& out) {
  if (std::holds_alternative<session::session_hello>(c)
      && out.outcome == outcome_kind::accepted)
    out.data.set("position", out.at != 0 ? out.at : head);
}

} // namespace careline::kernel
