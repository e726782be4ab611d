#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actors/security/access_book.hpp"
#include "gateway/door_keeper.hpp"
#include "messages/envelope.hpp"

namespace careline::program {

/// The book that the doors go by: as of the last durable event. And what they note, gathered: into
/// the log goes at most one event a second of each client and kind, and one a minute of those whom
/// no key names, so that nobody fills it by knocking.
class access_door final : public gateway::door_keeper {
public:
  static constexpr std::chrono::seconds of_client_each{1};
  static constexpr std::chrono::seconds of_nobody_each{60};

  /// As of the log's head when the engine starts.
  void begin(security::access_book book);
  /// What became durable, in order. The writer's thread.
  void take(const std::vector<std::shared_ptr<const event_record>>& events);
  /// An event that a part of the program has to say, at once; lost where nobody takes them.
  void tell(event what);
  /// Where noted events go; null: they wait. The caller sees to it that it lives.
  void lead_to(std::function<void(event)> to);

  /// As of the last durable event. Any thread.
  std::shared_ptr<const security::access_book> book() const { return book_.load(); }

  client_id client_of(const std::string& key) const override;
  client_id owner_of(const std::string& key) const override;
  bool may_send(const client_id& client, std::string_view command_type) const override;
  bool may_see(const client_id& client, std::string_view event_type) const override;
  std::vector<std::string> visible_under(const client_id& client,
                                         std::string_view prefix) const override;
  std::uint64_t edition() const override { return edition_; }
  void note(security::key_used what) override;
  void note(security::access_refused what) override;
  void tell_noted() override;

private:
  using clock = std::chrono::steady_clock;
  /// What was noted of one client and kind, and not told yet.
  struct row {
    event last;
    std::uint64_t count = 0;
    clock::time_point next{};  ///< not before
  };
  using row_key = std::pair<client_id, std::string>;

  void put(const security::access_book& book);
  void gather(row_key key, event what);
  void tell(const row_key& key, row& of, clock::time_point now);

  std::atomic<std::shared_ptr<const security::access_book>> book_{
      std::make_shared<const security::access_book>()};
  std::atomic<std::uint64_t> edition_{1};
  std::mutex mutex_;  ///< of the rest
  std::map<row_key, row> rows_;
  std::function<void(event)> to_;
};

} // namespace careline::program
