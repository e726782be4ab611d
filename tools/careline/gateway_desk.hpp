#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/bus/bus_client.hpp"
#include "messages/vocabulary.hpp"

namespace careline::program {

/// The other side of a gateway under test: queues, and an agent for each channel that a contact
/// comes by, who takes what is offered and finishes it after a short talk. One thread uses it.
class gateway_desk {
public:
  using on_event = std::function<void(const event_record&)>;
  /// Where the engine is, and by what keys one speaks to it; empty ones where it asks for none.
  struct place {
    std::string commands;
    std::string events;
    gateway::bus::client_key own{};       ///< of who defines queues and signs agents in
    gateway::bus::client_key gateways{};  ///< of the gateway: under its name nobody else speaks
  };

  /// Follows the engine there. `to` hears of each event, in `step`.
  static result<std::unique_ptr<gateway_desk>, std::string>
  open(place at, std::vector<std::string> queues, on_event to);

  /// Defines the queues; `full`: such that whoever comes is put through to a place outside.
  void define_queues(bool full);
  /// Another process begins under that name.
  void say_hello_as(const std::string& name, const std::string& kind);
  /// One round: what happened, and what the agents do about it.
  void step();

private:
  using clock = std::chrono::steady_clock;

  gateway_desk() = default;
  void say(std::string_view type, value data);
  void take(const event_record& e);

  place at_;
  std::unique_ptr<gateway::bus::bus_client> client_;
  std::unique_ptr<gateway::bus::bus_client> successor_;  ///< of the gateway, once there is one
  std::vector<std::string> queues_;
  on_event to_;
  std::set<std::string> channels_;
  struct talk {
    clock::time_point until;
    value who;  ///< contact and agent
  };
  std::deque<talk> talks_;
  std::mutex guard_;
  std::vector<event_record> came_;  ///< by the subscriber's thread
  std::unique_ptr<gateway::bus::bus_subscriber> subscriber_;
};

} // namespace careline::program
