#include "tools/careline/access_door.hpp"

namespace careline::program {

namespace {

constexpr std::chrono::minutes rows_kept{2};

bool is_of_access(std::string_view type) {
  return type.starts_with("key.") || type.starts_with("access.") || type.starts_with("user.")
         || type.starts_with("api_key.");
}

} // namespace

void access_door::begin(security::access_book book) {
  put(book);
}

void access_door::put(const security::access_book& book) {
  book_.store(std::make_shared<const security::access_book>(book));
  ++edition_;
}

void access_door::take(const std::vector<std::shared_ptr<const event_record>>& events) {
  std::optional<security::access_book> changed;
  for (const auto& record : events) {
    if (!is_of_access(record->type))
      continue;
    const auto what = unpack_event(record->type, record->data);
    if (!what || std::holds_alternative<security::access_refused>(*what)
        || std::holds_alternative<security::key_used>(*what)
        || std::holds_alternative<security::key_master_rotated>(*what))
      continue;
    if (!changed)
      changed = *book();
    changed->take(*what, record->time);
  }
  if (changed)
    put(*changed);
}

void access_door::lead_to(std::function<void(event)> to) {
  const std::lock_guard hold{mutex_};
  to_ = std::move(to);
}

void access_door::tell(event what) {
  const std::lock_guard hold{mutex_};
  if (to_)
    to_(std::move(what));
}

client_id access_door::client_of(const std::string& key) const {
  return book()->client_of(key);
}

client_id access_door::owner_of(const std::string& key) const {
  return book()->owner_of(key);
}

bool access_door::may_send(const client_id& client, std::string_view command_type) const {
  return !book()->role_that_sends(client, command_type).empty();
}

bool access_door::may_see(const client_id& client, std::string_view event_type) const {
  return !book()->role_that_sees(client, event_type).empty();
}

std::vector<std::string> access_door::visible_under(const client_id& client,
                                                    std::string_view prefix) const {
  return book()->visible_under(client, prefix);
}

void access_door::note(security::key_used what) {
  auto key = row_key{what.client, what.fingerprint};
  gather(std::move(key), std::move(what));
}

void access_door::note(security::access_refused what) {
  auto key = row_key{what.client, std::string{word_of(what.what)}};
  gather(std::move(key), std::move(what));
}

void access_door::gather(row_key key, event what) {
  const std::lock_guard hold{mutex_};
  auto& of = rows_[key];
  of.last = std::move(what);
  ++of.count;
  tell(key, of, clock::now());
}

/// The first at once; what comes soon after it, together.
void access_door::tell(const row_key& key, row& of, clock::time_point now) {
  if (of.count == 0 || !to_ || now < of.next)
    return;
  if (auto* used = std::get_if<security::key_used>(&of.last))
    used->count = of.count;
  if (auto* refused = std::get_if<security::access_refused>(&of.last))
    refused->count = of.count;
  of.count = 0;
  of.next = now + (key.first.empty() ? of_nobody_each : of_client_each);
  to_(of.last);
}

void access_door::tell_noted() {
  const std::lock_guard hold{mutex_};
  const auto now = clock::now();
  for (auto& [key, of] : rows_)
    tell(key, of, now);
  std::erase_if(rows_, [&](const auto& one) {
    return one.second.count == 0 && one.second.next + rows_kept < now;
  });
}

} // namespace careline::program
