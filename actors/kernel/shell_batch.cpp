#include "actors/kernel/shell_batch.hpp"

#include <utility>

#include "actors/kernel/turn_answer.hpp"
#include "actors/kernel/turn_bounds.hpp"
#include "messages/codec.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {
constexpr std::size_t event_bytes_max = std::size_t{1} << 20U;
} // namespace

answer<std::vector<event_record>> records_of(const std::vector<dated_event>& events,
                                             const event_cause& cause, sealer& keys) {
  std::vector<event_record> out;
  out.reserve(events.size());
  for (const auto& e : events) {
    std::optional<event> sealed;  // few need one
    if (may_name_person(e.what))
      if (auto done = seal(sealed.emplace(e.what), keys); !done)
        return no(done.error());
    const auto& what = sealed ? *sealed : e.what;
    if (auto wrong = too_long_to_read(what))
      return no(std::move(*wrong));
    auto& r = out.emplace_back();
    r.time = e.at;
    r.occurred = cause.occurred;
    r.type = type_of(what);
    r.subject = subject_of(what);
    r.actor = cause.actor;
    r.causation = cause.causation;
    if (cause.numbered)
      r.causation += "/" + std::to_string(out.size());
    r.correlation = correlation_of(what);
    r.traceparent = cause.traceparent;
    r.dataversion = version_of(what);
    r.data = pack_data(what);
    if (r.data.size() > event_bytes_max)
      return no(because("command.too_large", {}, "the event it would cause is above 1 MiB"));
  }
  return out;
}

answer<void> can_seal(const std::vector<event>& events, sealer& keys) {
  for (const auto& e : events) {
    if (person_in(e).empty())
      continue;
    auto copy = e;
    if (auto done = seal(copy, keys); !done)
      return no(done.error());
  }
  return {};
}

namespace {

std::string kept_bytes(const value& data) {
  if (data.is_nil())
    return {};
  auto all = pack(data);
  if (all.size() <= kept_bytes_max)
    return all;
  const auto kept = kept_data(data, [](const value& v) { return pack(v).size(); });
  return kept.is_nil() ? std::string{} : pack(kept);
}

} // namespace

store::remembered remembered_of(const reply& answer, const command_digest& digest) {
  store::remembered out;
  out.outcome = answer.outcome;
  out.digest = digest;
  if (answer.why) {
    out.problem_code = answer.why->type;
    out.problem_field = answer.why->field;
    out.problem_detail = answer.why->detail;
  }
  out.data = kept_bytes(answer.data);
  return out;
}

known_reply reply_of(const store::remembered& row) {
  known_reply out;
  out.digest = row.digest;
  out.answer.outcome = row.outcome;
  out.answer.at = planted(bug::answers_repeats_anew) ? 0 : row.at;
  if (!row.problem_code.empty())
    out.answer.why =
        because(row.problem_code,
                planted(bug::forgets_refused_field) ? std::string{} : row.problem_field,
                row.problem_detail);
  if (!row.data.empty() && !planted(bug::forgets_answered_data))
    if (auto data = unpack_said(row.data, kept_bytes_max))
      out.answer.data = std::move(*data);
  return out;
}

std::optional<event> event_in(const event_record& record) {
  if (record.data.size() > event_bytes_max)
    return std::nullopt;
  auto read = unpack_event(record.type, record.data);
  if (!read)
    return std::nullopt;
  return std::move(*read);
}

} // namespace careline::kernel
