#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "gateway/bus/bus_client.hpp"
#include "gateway/bus/bus_server.hpp"
#include "messages/codec.hpp"
#include "messages/time.hpp"

namespace careline::gateway::bus {

inline constexpr auto patience = std::chrono::seconds{20}; ///< what a sound run never uses up

/// Stands in for the engine behind the bus: a log in memory that answers `log.read`, keeps
/// `note.make` as the event `data.type`, repeats its reply to an id it knows, answers `note.list`
/// with `data.rows` rows, and holds `note.hold` until the test lets go.
class small_engine final : public ingress {
public:
  void submit(command_envelope command, std::string connection, respond answer) override;
  /// `note.help` is never turned away.
  reply turn_away(const command_envelope& command, problem why) override;

  /// From now on events go to `to` as well. Null: nowhere.
  void tell(egress* to);
  /// Writes events of these types without telling anybody: as if the bus had lost them.
  void write_silently(const std::vector<std::string>& types);
  /// Writes and tells.
  void write(const std::vector<std::string>& types);
  /// Writes and tells an event that no client can read: it happened in the year 10000.
  void write_unreadable(const std::string& type);
  void forget_everything();
  /// The next `pages` of the log cannot be read.
  void fail_to_read(int pages);
  /// Answers what was held.
  void let_go();

  position head() const;
  std::vector<std::pair<std::string, position>> last_of_types() const;
  std::vector<event_record> log() const;
  std::vector<std::string> connections() const;
  int times_asked(const std::string& type) const;

private:
  std::shared_ptr<const event_record> append(const std::string& type, const std::string& cause,
                                             std::uint16_t dataversion = 1);
  reply answer_to(const command_envelope& c, published& news);
  reply page_for(const command_envelope& c);

  mutable std::mutex guard_;
  egress* to_ = nullptr;
  std::vector<event_record> log_;
  std::map<std::string, position> last_;
  std::map<std::string, reply> answered_;
  std::map<std::string, int> asked_;
  std::vector<std::string> connections_;
  std::vector<std::pair<std::string, respond>> held_;
  int unreadable_ = 0;
};

/// A bus on free ports of this machine with the small engine behind it.
struct bus_on_loopback {
  explicit bus_on_loopback(bus_options options = {});
  /// Closes the bus and opens another one at the same addresses.
  void restart();

  small_engine engine;
  bus_options options;
  std::unique_ptr<bus_server> server;
};

command_envelope note(const std::string& type = "contact.noted");

/// Collects what a subscriber hands on; a test waits for a position, never for a time.
class collected {
public:
  bus_subscriber::on_events sink();
  /// True once `count` events were handed on; false when patience ends first.
  bool wait_for(std::size_t count);
  std::vector<position> positions() const;
  std::vector<event_record> events() const;

private:
  mutable std::mutex guard_;
  std::condition_variable more_;
  std::vector<event_record> events_;
};

/// Waits until `is_so`, asking each time the bus' figures may have changed.
bool eventually(const std::function<bool()>& is_so);

} // namespace careline::gateway::bus
