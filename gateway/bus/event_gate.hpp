#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/bus/sockets.hpp"
#include "gateway/door_keeper.hpp"

namespace careline::gateway::bus {

class connection_watch;

/// The topic on which a client is told that it may not see what it subscribed to. It ends as no
/// name does, so that the topic of hall-1 does not begin that of hall-10.
std::string refusal_topic(const client_id& client);

/// Takes the subscriptions of an event socket on which none counts by itself (ZMQ_XPUB_MANUAL), and
/// lets each connection have what its client may see. Belongs to the thread that owns the socket.
class event_gate {
public:
  event_gate(door_keeper& keeper, zmq::socket_ref events) : keeper_(keeper), events_(events) {}

  /// Makes the socket ask. Requires: not bound yet.
  static void set_manual(zmq::socket_ref events);

  struct taken {
    bool is_new = false;   ///< somebody subscribed to something that he may see
    std::string topic{};   ///< where to tell a refusal; empty: there is none
    std::string body{};    ///< what to tell there
  };
  /// The next thing that a subscriber said, just received.
  taken take(zmq::message_t& said);
  /// Another connection has this handle from now on.
  void forget(int connection) { subscribers_.erase(connection); }
  /// Those whose client may see something else by now, or nothing: to be ended. They connect again,
  /// and subscribe by what holds then.
  std::vector<int> changed();

private:
  struct subscriber {
    std::string key;
    client_id client;
    std::vector<std::string> sees;   ///< of all there is, when it came
    std::map<std::string, std::size_t> asked{};  ///< topic: how often
    std::map<std::string, std::size_t> parts{};  ///< what it has: by how many topics of `asked`
  };

  subscriber& of(const sender_marks& from);
  std::set<std::string> parts_of(const client_id& client, std::string_view topic) const;
  taken subscribe(const sender_marks& from, const std::string& topic);
  void unsubscribe(const sender_marks& from, const std::string& topic);
  taken refuse(const sender_marks& from, const client_id& client, const std::string& topic,
               std::string_view code);

  door_keeper& keeper_;
  zmq::socket_ref events_;
  std::map<int, subscriber> subscribers_;  ///< by ZeroMQ's handle
  std::uint64_t edition_ = 0;
};

} // namespace careline::gateway::bus
