#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/security.hpp"

namespace careline::gateway {

/// Whom a gateway's doors ask who somebody is and what he may do. Asked for each connection,
/// command and subscription, so that a change is in force at once. Implemented by tools/careline
/// over the log's events. Any thread; never waits.
class door_keeper {
public:
  virtual ~door_keeper() = default;

  /// Whom a public key (Z85) names; empty: it is nobody's, or is accepted no more.
  virtual client_id client_of(const std::string& key) const = 0;
  /// The same of a key that is accepted no more.
  virtual client_id owner_of(const std::string& key) const = 0;
  virtual bool may_send(const client_id& client, std::string_view command_type) const = 0;
  virtual bool may_see(const client_id& client, std::string_view event_type) const = 0;
  /// What of the events whose types begin with `prefix` it may see, as prefixes: {prefix} when all
  /// of them; none when nothing.
  virtual std::vector<std::string> visible_under(const client_id& client,
                                                 std::string_view prefix) const = 0;
  /// Another number each time that any of these answers may have changed.
  virtual std::uint64_t edition() const = 0;

  /// Told of each connection that was opened with a key, and of each refusal, `count` 1. What comes
  /// in numbers is put into the log together.
  virtual void note(security::key_used what) = 0;
  virtual void note(security::access_refused what) = 0;
  /// Called about once a second: what was noted goes into the log.
  virtual void tell_noted() = 0;
};

} // namespace careline::gateway
