#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/envelope.hpp"
#include "messages/vocabulary.hpp"

namespace careline::program {

/// A command of a gateway under test, as it came.
struct heard_command {
  command_envelope what;
  span at{};           ///< since the talk began
  bool again = false;  ///< one of that id came before
};

/// What is known of a talk with a gateway: who it said it is, whom it brought, and what became of
/// them. Facts only; what is right and wrong in them the checks say (gateway_checks.hpp).
class gateway_talk {
public:
  /// `by_key`: the client of the key that its connections were opened with; empty: it needs none.
  explicit gateway_talk(std::string by_key = {}) : by_key_(std::move(by_key)) {}

  struct lease_taken {
    std::string name;
    std::string kind;
    span lease{};
    span since{};
    bool open = true;
  };
  struct contact {
    std::string id;
    std::string channel;
    std::string command;           ///< the id of the contact.open
    std::optional<span> ended{};
    std::string ended_by{};        ///< contact.finished
    std::optional<span> opening_told{};  ///< when the gateway was told that it is there
    std::optional<span> end_told{};      ///< and that it has ended: by an event, or a reply
    /// When the gateway was told of both; nothing before.
    std::optional<span> end_known() const;
    /// Put through to a place outside the engine, which is an end.
    bool is_outside() const noexcept { return ended_by == routing::contact_diverted::type; }
  };

  /// It said something.
  const heard_command& heard(command_envelope what, span at);
  /// It was answered.
  void answered(const heard_command& to, const reply& with, span at);
  /// It was told of an event.
  void told(const event_record& what, span at);
  /// Something became true, whether or not it was told.
  void happened(const event_record& what, span at);
  void subscribed(const std::string& topic, bool taken_back);
  /// Nothing reaches it, by the doing of who holds the talk.
  void cut(bool is_cut) { is_cut_ = is_cut; }
  bool is_cut() const noexcept { return is_cut_; }
  const std::string& by_key() const noexcept { return by_key_; }

  const lease_taken* find_session(std::string_view name) const;
  /// The one that brings contacts, or else the last one that was opened; null when there is none.
  const lease_taken* speaker() const;
  const contact* find_contact(std::string_view id) const;
  const contact* contact_opened_by(std::string_view command) const;
  const std::map<std::string, contact>& contacts() const noexcept { return contacts_; }
  const std::map<std::string, lease_taken>& sessions() const noexcept { return sessions_; }
  /// The first command of that id; null when there was none.
  const heard_command* find_command(std::string_view id) const;
  /// The last one of that source; null when there was none.
  const heard_command* last_of(std::string_view source) const;
  bool is_subscribed(std::string_view type) const;
  /// All sessions that it ever opened are closed.
  bool has_left() const;

private:
  void end_is_told(std::string_view id, span at);

  std::string by_key_;
  std::map<std::string, lease_taken> sessions_;
  std::map<std::string, contact> contacts_;
  std::map<std::string, heard_command, std::less<>> commands_;  ///< by id
  std::map<std::string, heard_command, std::less<>> last_;      ///< by source
  std::multiset<std::string> topics_;
  std::string speaker_;
  bool is_cut_ = false;
};

/// The data of an event; an empty map where it cannot be read.
value data_in(const event_record& what);
/// Whether it is the end of its contact: to another queue is a move.
bool is_end_of_contact(std::string_view type, const value& data);

} // namespace careline::program
