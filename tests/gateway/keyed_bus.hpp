#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/bus/client_key.hpp"
#include "gateway/door_keeper.hpp"
#include "tests/gateway/bus_fixture.hpp"

namespace careline::gateway::bus {

/// A keeper whose book the test writes: what each client may send and see, as words, prefixes that
/// end in ".", or "*".
class test_keeper final : public door_keeper {
public:
  /// Makes a key, and lets its client in.
  client_key let_in(const std::string& client, std::vector<std::string> sends,
                    std::vector<std::string> sees);
  /// Another key of a client that is known.
  client_key another_key(const std::string& client);
  void revoke(const client_key& key);
  void change(const std::string& client, std::vector<std::string> sends,
              std::vector<std::string> sees);
  /// From now on each question about a key throws.
  void fail() { is_failing_ = true; }
  /// Called, on the bus's thread, with each prefix of types that it is asked about.
  void when_asked(std::function<void(std::string_view)> hook);

  std::vector<security::access_refused> refusals() const;
  std::vector<security::key_used> uses() const;
  const key_pair& server() const noexcept { return server_; }

  client_id client_of(const std::string& key) const override;
  client_id owner_of(const std::string& key) const override;
  bool may_send(const client_id& client, std::string_view command_type) const override;
  bool may_see(const client_id& client, std::string_view event_type) const override;
  std::vector<std::string> visible_under(const client_id& client,
                                         std::string_view prefix) const override;
  std::uint64_t edition() const override { return edition_; }
  void note(security::key_used what) override;
  void note(security::access_refused what) override;
  void tell_noted() override {}

private:
  struct rights {
    std::vector<std::string> sends;
    std::vector<std::string> sees;
  };

  const key_pair server_ = make_key_pair();
  mutable std::mutex guard_;
  std::map<std::string, rights> clients_;
  std::map<std::string, std::string> owners_;  ///< key: client
  std::set<std::string> revoked_;
  std::vector<security::access_refused> refusals_;
  std::vector<security::key_used> uses_;
  std::atomic<std::uint64_t> edition_{1};
  std::atomic<bool> is_failing_{false};
  std::function<void(std::string_view)> asked_;
};

/// A bus that asks for keys, on free ports, with the small engine behind it.
struct keyed_bus {
  keyed_bus() : bus(options()) {}

  bus_options options() {
    bus_options o;
    o.keeper = &keeper;
    o.secret_key = keeper.server().secret_key;
    return o;
  }
  std::unique_ptr<bus_client> client(const client_key& key) {
    return std::move(*bus_client::connect(bus.server->commands_address(), nullptr, key));
  }
  subscriber_options follow(const client_key& key, std::vector<std::string> types);

  test_keeper keeper;
  bus_on_loopback bus;
};

/// A SUB socket of a test's own, that hears the topics as they come.
class raw_subscriber {
public:
  raw_subscriber(const std::string& address, const client_key& key,
                 const std::vector<std::string>& topics);
  /// Topic and body of the next message; empty when patience ends first.
  std::pair<std::string, std::string> next();
  /// The next message that is no beat.
  std::pair<std::string, std::string> next_event();
  void subscribe(const std::string& topic);
  void unsubscribe(const std::string& topic);

private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

} // namespace careline::gateway::bus
