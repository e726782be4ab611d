#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/board/show.hpp"
#include "messages/json.hpp"

namespace careline::board_story {

using namespace std::chrono_literals;

/// 2 March 2026, 09:00 at +08:00.
inline const instant nine = from_ms(1'772'413'200'000);

inline span after(double seconds) {
  return from_seconds(seconds);
}

/// What happens at a centre, told one sentence at a time; `at` is seconds after nine o'clock.
class story {
public:
  story() {
    tell(0, engine::log_created{1, "Asia/Shanghai", 480});
    queue("care", 15);
  }

  story& tell(double at, event e) {
    told_.emplace_back(nine + after(at), e);
    board_.evolve(e, nine + after(at));
    return *this;
  }
  story& queue(const char* id, double service_level_s) {
    routing::queue_defined x;
    x.queue = queue_id{id};
    x.service_level_s = after(service_level_s);
    return tell(0, x);
  }
  story& sign_in(double at, const char* agent, std::vector<const char*> queues = {}) {
    routing::agent_signed_in x;
    x.agent = agent_id{agent};
    if (!queues.empty())
      x.queues.emplace();
    for (const auto* q : queues)
      (*x.queues)[queue_id{q}] = {};
    tell(at, x);
    return state(at, agent, routing::agent_state::ready);
  }
  story& state(double at, const char* agent, routing::agent_state s) {
    routing::agent_state_changed x;
    x.agent = agent_id{agent};
    x.state = s;
    return tell(at, x);
  }
  story& open(double at, const std::string& contact, const char* channel = "phone") {
    reception::contact_opened x;
    x.contact = contact_id{contact};
    x.channel = channel_id{channel};
    return tell(at, x);
  }
  story& queued(double at, const std::string& contact, const char* queue = "care") {
    return tell(at, routing::contact_queued{contact_id{contact}, queue_id{queue}, 1, {}});
  }
  /// Opened and queued at once.
  story& arrives(double at, const std::string& contact, const char* queue = "care",
                 const char* channel = "phone") {
    return open(at, contact, channel).queued(at, contact, queue);
  }
  story& answers(double at, const std::string& contact, const char* agent = "A",
                 const char* queue = "care") {
    tell(at, routing::contact_connected{contact_id{contact}, agent_id{agent}, queue_id{queue}});
    return state(at, agent, routing::agent_state::busy);
  }
  story& finishes(double at, const std::string& contact, const char* agent = "A",
                  routing::agent_state then = routing::agent_state::ready) {
    tell(at, routing::contact_finished{contact_id{contact}, agent_id{agent}, {}});
    return state(at, agent, then);
  }
  story& abandons(double at, const std::string& contact) {
    return tell(at, routing::contact_abandoned{contact_id{contact}});
  }

  const board::board_model& board() const { return board_; }
  const std::vector<std::pair<instant, event>>& told() const { return told_; }

  value shown(double at) const {
    query::board_show asked;
    asked.time = nine + after(at);
    return *board_.ask(asked, {});
  }
  value centre(double at) const { return *shown(at).find("centre"); }
  value of_queue(double at, const char* id = "care") const {
    return *shown(at).find("queues")->find(id);
  }

private:
  board::board_model board_;
  std::vector<std::pair<instant, event>> told_;
};

/// A figure, or −1 where there is none.
inline double figure(const value& figures, std::string_view name) {
  return figures.number_or(name, -1);
}

} // namespace careline::board_story
