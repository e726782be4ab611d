#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/board/frames.hpp"
#include "actors/board/model.hpp"
#include "gateway/bus/bus_client.hpp"
#include "gateway/http/http_server.hpp"
#include "gateway/ingress.hpp"
#include "tools/careline/engine_link.hpp"

namespace careline::program {

/// The board in a process of its own: no log, only a fold of the events it follows, so it equals
/// the one inside the engine to the byte at one position and time (design §5.22). When the engine
/// dies it waits and goes on; when it dies itself it begins again from the log's first event.
class outside_board final : public gateway::ingress {
public:
  struct options {
    std::string commands_address;
    std::string events_address;
    std::string http;                 ///< empty: no pages
    std::optional<position> stop_at;  ///< takes in nothing behind this position
    gateway::bus::client_key key{};   ///< for an engine that asks for one
  };
  static constexpr std::chrono::milliseconds tick{200};
  /// After so long without a word from the engine, or behind what it says its log holds, pages get
  /// no frames: what they show is old.
  static constexpr std::chrono::milliseconds silence_max{3000};

  /// Connects, follows, serves. Fails with a sentence.
  static result<std::unique_ptr<outside_board>, std::string> open(options what);
  ~outside_board() override;

  /// True once everything that the log held was taken in, or `stop_at` is reached.
  bool wait_until_whole(std::chrono::milliseconds most);
  /// One tick: late questions are answered `engine.behind`, pages get what changed.
  void step();
  /// What `board.show` answers at `time`, or at the last event's time.
  value show(std::optional<instant> time) const;
  position at() const;
  /// "127.0.0.1:5581" as bound; empty without pages.
  std::string http_address() const;

  /// Answers board.show itself and hands other queries to the engine.
  void submit(command_envelope command, std::string connection, gateway::respond answer) override;

private:
  struct behind {
    command_envelope query;
    gateway::respond answer;
    position wanted = 0;
    std::chrono::steady_clock::time_point until;
  };

  explicit outside_board(options what) : options_(std::move(what)) {}
  void start_following();
  result<void, std::string> serve_pages();
  void take(const std::vector<event_record>& events, position head);
  void start_over();
  reply answer_show(const command_envelope& query) const;
  void answer_reached();
  void note_reached();
  bool is_fresh() const;
  bool is_up_to_date() const;
  gateway::http::board_frame whole_frame() const;
  std::string readiness(bool verbose, bool& ready) const;
  std::string metrics() const;

  options options_;
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  board::board_model board_;
  board::frame_maker pages_;
  position head_ = 0;
  bool whole_ = false;
  std::optional<std::chrono::steady_clock::time_point> reached_;  ///< the head the engine had told
  std::vector<behind> behind_;
  std::unique_ptr<engine_link> engine_;
  std::unique_ptr<gateway::bus::bus_subscriber> events_;
  std::unique_ptr<gateway::http::http_server> http_;
};

} // namespace careline::program
