#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/bus/follow.hpp"
#include "messages/envelope.hpp"
#include "messages/vocabulary.hpp"
#include "tests/simulation/setting.hpp"

namespace careline::simulation {

/// Whoever talks to the engine over the wire: sends a command until it is answered, always under
/// one id, and follows the log from the event socket, reading what it missed.
class client {
public:
  /// What a client does with the world. `sent`: before the first sending of a command.
  struct ports {
    std::function<void(const client&, const command_envelope&)> send;
    std::function<void(const command_envelope&)> sent;
  };
  using answered = std::function<void(const reply&)>;

  client(setting& all, std::string name, ports to);
  virtual ~client() = default;
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  const std::string& name() const noexcept { return name_; }
  /// Which connection it speaks over: a new one each time it comes back.
  std::string connection() const { return name_ + "/" + std::to_string(connection_); }
  bool is_gone() const { return all_.at < gone_until_; }
  /// Nothing it asked for is unanswered.
  bool is_content() const { return flying_.empty(); }
  position followed_to() const { return follow_.whole_up_to(); }

  void bring(const reply& r);
  void bring(const std::shared_ptr<const event_record>& e);
  void beat(const gateway::bus::head_news& news);
  /// Ten times a second.
  void tick();
  /// Hears, says and remembers nothing for a while; `forgets`: what it asked for is never asked
  /// again, and nobody knows whether it happened.
  void go(span how_long, bool forgets);
  /// Another command under an id that was answered already: it must be told apart.
  void reuse_id();
  /// So many questions at once.
  void flood(int questions);
  /// Takes nothing from the event socket for a while.
  void stall(span how_long) { stalled_until_ = all_.at + how_long; }

protected:
  /// Has everything up to there.
  void begin_at(position after) {
    follow_.start_at(after);
    handed_ = after;
  }
  void ask(std::string_view type, value::map data, answered then = {}, bool once = false);
  /// Each event once, in the log's order.
  virtual void saw(const event_record& r, const event& e) = 0;
  /// That was all for now.
  virtual void saw_all() {}
  virtual void act() {}
  /// It is there again.
  virtual void came_back() {}
  /// Whether events can be taken in now.
  virtual bool has_room() const { return true; }

  setting& all_;

private:
  struct flight {
    command_envelope what;
    answered then;
    span again_at{};
    bool once = false;  ///< not asked again, whatever comes of it
  };

  void hand_on(const event_record& r);
  void read_on();
  void take_page(const reply& r);

  std::string name_;
  ports to_;
  std::string used_id_;  ///< of the last command that was accepted
  std::map<std::string, flight> flying_;
  gateway::bus::follow follow_{0, false};
  gateway::bus::type_filter all_types_{{}};
  bool reading_ = false;
  position handed_ = 0;
  span heard_at_{};
  span gone_until_{};
  span stalled_until_{};
  bool was_gone_ = false;
  int connection_ = 1;
};

/// The engine's own follower of its log: hands on to the board and to who reacts. Lives as long as
/// its engine.
class inner_follower final : public client {
public:
  static constexpr std::string_view of_engine = "careline";
  using deliver = std::function<void(const std::vector<event_record>&)>;
  inner_follower(setting& all, position after, ports to, deliver on, std::function<bool()> room);

protected:
  void saw(const event_record& r, const event&) override { run_.push_back(r); }
  void saw_all() override { on_(std::exchange(run_, {})); }
  bool has_room() const override { return room_(); }

private:
  std::vector<event_record> run_;
  deliver on_;
  std::function<bool()> room_;
};

} // namespace careline::simulation
