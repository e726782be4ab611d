#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "messages/json.hpp"
#include "tests/simulation/inspector.hpp"
#include "tools/careline/call_log_report.hpp"
#include "tools/careline/load_plan.hpp"

// Every event of a real centre's days in virtual time, held to what the contract promises: once by
// the inspector, which looks each offer and each quiet moment up in the rules, and once by a ledger
// that knows nothing of the model.

using namespace careline;
using namespace careline::program;

namespace {

const std::string real_log = CARELINE_SHARED_DATA "/call_log/bank_calls_1999-08-01_15.csv";

[[noreturn]] void broken(const std::string& sentence) {
  throw std::runtime_error(sentence);
}

void must(bool holds, const contact_id& who, std::string_view sentence) {
  if (!holds)
    broken(who.text() + " " + std::string{sentence});
}

/// What a log may say of its contacts and agents, whoever decided it.
class ledger {
public:
  void saw(const event& e, instant at) {
    if (at < last_)
      broken("time goes back");
    last_ = at;
    ++events;
    std::visit([&](const auto& x) { on(x, at); }, e);
  }

  /// Who waits for a callback when the last agent has gone keeps the place; nobody else may.
  std::size_t still_open() const {
    return static_cast<std::size_t>(std::count_if(
        open_.begin(), open_.end(), [](const auto& one) { return !one.second.is_promised; }));
  }
  std::size_t promised() const { return open_.size() - still_open(); }
  std::size_t opened = 0;
  std::size_t ended = 0;
  std::size_t put_through = 0;  ///< calls for help
  std::size_t events = 0;

private:
  struct contact {
    channel_id channel;
    instant since{};
    bool safety = false;
    bool queued = false;
    bool is_promised = false;  ///< a callback
    std::set<agent_id> offers{};
    agent_id with{};  ///< in talk, or being dialled for
  };
  struct agent {
    std::map<channel_id, int> slots;
    std::map<channel_id, int> busy;
    bool ready = false;
    bool wraps_up = false;
  };

  contact& known(const contact_id& id) {
    const auto found = open_.find(id);
    must(found != open_.end(), id, "is not open");
    return found->second;
  }
  agent& staff(const agent_id& id) { return agents_.at(id); }

  void take_slot(const agent_id& who, const contact_id& id, const channel_id& channel) {
    auto& a = staff(who);
    must(++a.busy[channel] <= a.slots.at(channel), id, "is more than its agent has room for");
  }
  void give_slot(const agent_id& who, const channel_id& channel) { --staff(who).busy[channel]; }

  void end(const contact_id& id) {
    auto& c = known(id);
    if (!c.with.empty())
      give_slot(c.with, c.channel);
    must(over_.emplace(id, c).second, id, "ends twice");
    open_.erase(id);
    ++ended;
  }
  void end_offer(const contact_id& id, const agent_id& a) {
    const auto over = over_.find(id);  // an end comes before what it ends
    auto& c = over == over_.end() ? known(id) : over->second;
    must(c.offers.erase(a) == 1, id, "was not offered to whom its offer ends");
    give_slot(a, c.channel);
  }

  void on(const reception::contact_opened& x, instant at) {
    must(!over_.contains(x.contact), x.contact, "opens again after its end");
    must(open_.emplace(x.contact, contact{x.channel, at, x.safety}).second, x.contact,
         "opens twice");
    ++opened;
  }
  void on(const routing::contact_queued& x, instant) {
    auto& c = known(x.contact);
    must(c.with.empty(), x.contact, "waits while somebody has it");
    must(!c.safety, x.contact, "is a call for help and waits");
    c.queued = true;
  }
  void on(const routing::contact_callback_requested& x, instant) {
    known(x.contact).is_promised = true;
  }
  void on(const routing::agent_signed_in& x, instant) {
    auto& a = agents_[x.agent];
    a.slots = x.channels.value_or(std::map<channel_id, int>{{channel_id{"phone"}, 1}});
    a.ready = x.ready;
  }
  void on(const routing::agent_state_changed& x, instant) {
    auto& a = staff(x.agent);
    a.ready = x.ready;
    a.wraps_up = x.state == routing::agent_state::wrap_up;
  }
  void on(const routing::agent_signed_out& x, instant) { staff(x.agent).ready = false; }
  void on(const routing::offer_made& x, instant) {
    auto& c = known(x.contact);
    auto& a = staff(x.agent);
    must(c.queued && c.with.empty(), x.contact, "is offered and does not wait");
    must(c.offers.empty(), x.contact, "is offered to two at once");
    must(a.ready && !a.wraps_up, x.contact, "is offered to somebody who rests");
    c.offers.insert(x.agent);
    take_slot(x.agent, x.contact, c.channel);
  }
  void on(const routing::offer_accepted& x, instant) {
    end_offer(x.contact, x.agent);
    auto& c = known(x.contact);
    c.with = x.agent;
    take_slot(x.agent, x.contact, c.channel);
  }
  void on(const routing::offer_declined& x, instant) { end_offer(x.contact, x.agent); }
  void on(const routing::offer_expired& x, instant) { end_offer(x.contact, x.agent); }
  void on(const routing::offer_rescinded& x, instant) { end_offer(x.contact, x.agent); }
  void on(const routing::dial_reported& x, instant) {
    auto& c = known(x.contact);
    if (x.result == routing::dial_result::answered || c.with.empty())
      return;
    give_slot(c.with, c.channel);
    c.with = {};
  }
  void on(const routing::contact_connected& x, instant) {
    must(known(x.contact).with == x.agent, x.contact, "talks with somebody else than took it");
  }
  void on(const routing::contact_finished& x, instant) {
    must(known(x.contact).with == x.agent, x.contact, "is finished by somebody else");
    end(x.contact);
  }
  void on(const routing::contact_abandoned& x, instant) {
    must(known(x.contact).with.empty(), x.contact, "gives up in the middle of its talk");
    end(x.contact);
  }
  void on(const routing::contact_timed_out& x, instant) { end(x.contact); }
  void on(const routing::contact_refused& x, instant) { end(x.contact); }
  void on(const routing::contact_diverted& x, instant at) {
    const auto& c = known(x.contact);
    if (!x.to.starts_with("external:"))
      return;
    if (c.safety) {
      must(at - c.since <= 1s, x.contact, "is a call for help and was not put through in 1 s");
      ++put_through;
    }
    end(x.contact);
  }
  template <class Other>
  void on(const Other& x, instant) {
    if constexpr (requires { contact_id{x.contact}; })
      must(x.contact.empty() || open_.contains(x.contact) || over_.contains(x.contact), x.contact,
           "was never opened");
  }

  std::unordered_map<contact_id, contact> open_;
  std::unordered_map<contact_id, contact> over_;
  std::unordered_map<agent_id, agent> agents_;
  instant last_{};
};

/// Holds every event to both.
class judge {
public:
  void saw(const event& e, instant at) {
    if (at != last_ && book.events > 0)
      rules_.look_at_all(last_);  // all that was due then has happened
    last_ = at;
    rules_.take(e, at);
    book.saw(e, at);
  }
  ledger book;

private:
  simulation::inspector rules_;
  instant last_{};
};

/// Days of the log; none named: all of it.
std::optional<call_log> some_days(std::vector<std::string> days) {
  if (!std::filesystem::exists(real_log)) {
    WARN("skipped: needs ../shared/data");
    return {};
  }
  auto log = load_call_log(real_log, days);
  REQUIRE(log);
  return std::move(*log);
}

void hold(const call_log& log, const call_log_options& how) {
  judge by;
  play_call_log(log, how, [&by](const event& e, instant at) { by.saw(e, at); });
  CHECK(by.book.opened == log.calls.size());
  CHECK(by.book.ended + by.book.promised() == by.book.opened);
  CHECK(by.book.still_open() == 0);
  CHECK(by.book.promised() < 10);
  CHECK(by.book.events > 4 * by.book.opened);
}

} // namespace

TEST_CASE("every event of real days holds to the rules, and no call is lost",
          "[call-log]") {
  const bool is_long = std::getenv("TESTS_LONG") && *std::getenv("TESTS_LONG");
  const auto log = is_long ? some_days({}) : some_days({"1999-08-03", "1999-08-05", "1999-08-08"});
  if (log)
    hold(*log, {});
}

TEST_CASE("real days hold to the rules with more agents, pooled skills and callbacks as well",
          "[call-log]") {
  const auto log = some_days({"1999-08-03", "1999-08-06"});
  if (!log)
    return;
  call_log_options how;
  how.more_agents = 2;
  how.pools_skills = true;
  hold(*log, how);
  how = {};
  how.takes_callback = 0.5;
  how.policy = from_json(R"({"rules":[{"after_s":60,"do":[{"offer_callback":true}]}]})").value();
  hold(*log, how);
}

TEST_CASE("a real day laid over itself, with a city outage on top, loses nobody", "[call-log]") {
  const auto log = some_days({"1999-08-03"});
  if (!log)
    return;
  overlay_wish wish;
  wish.times = 6;
  wish.from = 10h + 20min;
  wish.lasts = 500s;
  wish.load.surge = 10;
  wish.load.repeats = 0.4;
  wish.load.for_help = 0.04;
  const auto start = from_ms(1'772'413'200'000);
  auto cues = cues_of(*log, wish, start, "x");
  std::map<std::string, int> channels;
  for (const auto& c : cues)
    if (const auto* open = std::get_if<reception::contact_open>(&c.what))
      ++channels[open->channel.text()];
  CHECK(channels.size() == 3);
  kernel::virtual_options options;
  options.start = start;
  judge by;
  virtual_centre centre{options, [&by](const kernel::logged_event& e) { by.saw(e.what, e.time); }};
  play(centre, std::move(cues));
  const auto planned = channels["phone"] + channels["chat"] + channels["kiosk"];
  CHECK(by.book.opened > static_cast<std::size_t>(planned));  // some came again
  CHECK(by.book.ended == by.book.opened);
  CHECK(by.book.still_open() == 0);
  CHECK(by.book.put_through > 5);
}
