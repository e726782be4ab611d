// What a routing decision costs with many waiting contacts, agents and rules that it does not
// concern, how fast the log folds back, and the memory of a waiting contact and of an agent. One
// line a figure; docs/performance.md says under which conditions.
//   routing_bench [waiting agents [rules]]    only that one, for a look at where its time goes

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "actors/kernel/turn.hpp"
#include "actors/routing/model.hpp"
#include "tests/bench/live_engine.hpp"

using namespace careline;
using namespace std::chrono_literals;

namespace {

const instant nine = from_ms(1'772'413'200'000);

/// Queues with skills, agents spread over them, and a turn that drives the model.
class floor_of_agents {
public:
  /// `rules` of each queue: timers of every contact that waits in it, far from due.
  explicit floor_of_agents(int agents, int rules = 0)
      : turn_(model_), queues_(std::max(1, agents / 20)) {
    for (int q = 0; q < queues_; ++q) {
      routing::queue_defined x;
      x.queue = queue_of(q);
      for (int r = 0; r < rules; ++r)
        x.rules.push_back(rule_after(10h + std::chrono::minutes{r}));
      tell(x);
    }
    for (int a = 0; a < agents; ++a) {
      routing::agent_signed_in x;
      x.agent = agent_id{"A" + std::to_string(a)};
      x.skills[skill_id{"s" + std::to_string(a % 8)}] = 5;
      x.queues.emplace()[queue_of(a)] = {};
      x.ready = false; // turned ready one at a time
      tell(x);
    }
    agents_ = agents;
  }

  void wait(int contacts) {
    for (int n = 0; n < contacts; ++n)
      open(contact_id{"W" + std::to_string(n)}, n);
    settle();
  }

  /// An agent turns ready, is offered the head of its line, declines and turns away again.
  double one_decision(int n) {
    now_ += 1ms;
    const agent_id a{"A" + std::to_string(n % agents_)};
    const auto begun = std::chrono::steady_clock::now();
    auto done = turn_.handle(routing::agent_set_state{a, routing::agent_state::ready, {}}, in());
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begun;
    const code_word why{"bench"};
    turn_.handle(routing::agent_set_state{a, routing::agent_state::not_ready, why}, in());
    offers_ += done.events.size() > 1 ? 1 : 0;
    return took.count();
  }

  /// A contact comes and leaves where nobody is free.
  double one_arrival(int n) {
    now_ += 1ms;
    const contact_id id{"X" + std::to_string(n)};
    const auto begun = std::chrono::steady_clock::now();
    open(id, n);
    settle();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begun;
    turn_.handle(routing::contact_abandon{id}, in());
    return took.count();
  }

  int offers() const { return offers_; }
  int queues() const { return queues_; }

private:
  static routing::rule rule_after(span wait) {
    routing::rule r;
    r.after_s = wait;
    r.actions.emplace_back().urgency_add = 1;
    return r;
  }
  queue_id queue_of(int n) const { return queue_id{"Q" + std::to_string(n % queues_)}; }
  kernel::turn_context in() { return {now_, "bench", &keys_, 1, 480}; }
  void tell(const event& e) { model_.evolve(e, now_); }
  void settle() {
    for (auto step = model_.settle(in()); !step.empty(); step = model_.settle(in()))
      for (const auto& e : step)
        tell(e);
  }
  void open(const contact_id& id, int n) {
    reception::contact_opened x;
    x.contact = id;
    x.channel = channel_id{"phone"};
    x.gateway = "phone-1";
    x.person = person_id{"p1234567890123456789012"};
    x.fingerprint = "f1234567890123456789012";
    x.skills = std::vector<skill_id>{skill_id{"s" + std::to_string(n % queues_ % 8)}};
    tell(x);
    tell(routing::contact_queued{id, queue_of(n), 1, {}});
  }

  routing::routing_model model_;
  kernel::turn turn_;
  clear_sealer keys_;
  instant now_ = nine;
  int queues_;
  int agents_ = 0;
  int offers_ = 0;
};

void print_quantiles(const char* what, int waiting, int agents, int rules,
                     std::vector<double> took) {
  std::sort(took.begin(), took.end());
  const auto last = static_cast<double>(took.size() - 1);
  const auto at = [&](double q) { return took[static_cast<std::size_t>(q * last)]; };
  std::printf("%-10s waiting %7d agents %6d rules %2d: p50 %7.2f us  p99 %7.2f us  max %8.2f us\n",
              what, waiting, agents, rules, at(0.5), at(0.99), took.back());
}

void decisions(int waiting, int agents, int rules = 0) {
  floor_of_agents floor{agents, rules};
  floor.wait(waiting);
  std::vector<double> decided;
  std::vector<double> arrived;
  for (int n = 0; n < 5000; ++n) {
    decided.push_back(floor.one_decision(n));
    arrived.push_back(floor.one_arrival(n));
  }
  print_quantiles("decision", waiting, agents, rules, decided);
  print_quantiles("arrival", waiting, agents, rules, arrived);
  if (waiting >= agents && floor.offers() == 0)
    std::printf("  no offer was made: the figure above is of no decision\n");
}

void memory() {
  constexpr int contacts = 100'000;
  constexpr int agents = 1000;
  const auto nobody = bench::bytes_in_use();
  floor_of_agents floor{agents};
  const auto empty = bench::bytes_in_use();
  std::printf("memory of an agent: %zu bytes (routing, with its share of the queues)\n",
              (empty - nobody) / agents);
  const auto begun = std::chrono::steady_clock::now();
  floor.wait(contacts);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("memory of a waiting contact: %zu bytes (routing; sizeof %zu)\n",
              (bench::bytes_in_use() - empty) / contacts, sizeof(routing::contact));
  std::printf("folding opened + queued: %.0f events/s with %d waiting\n",
              2.0 * contacts / took.count(), contacts);
}

} // namespace

int main(int argc, char** argv) {
  std::printf("%s\n", bench::machine().c_str());
  if (argc > 2) {
    decisions(std::atoi(argv[1]), std::atoi(argv[2]), argc > 3 ? std::atoi(argv[3]) : 0);
    return 0;
  }
  for (const int waiting : {10, 1000, 100'000, 1'000'000})
    for (const int agents : {100, 1000, 10'000, 100'000})
      decisions(waiting, agents);
  for (const int rules : {0, 8, 64})
    decisions(10'000, 1000, rules);
  memory();
}
