#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "tests/program/kept_snapshots.hpp"
#include "tests/program/real_engine.hpp"

// kill -9 of the real engine while one client has many commands under way over the real bus. The
// client keeps what it was told, and holds the next engine to it.

using namespace careline;

namespace {

/// Each has a contact with a command under way, as long as the engine lives.
constexpr std::size_t agents = 40;

/// An engine's folder lives through so many kills: with more, reading its log takes all the time.
constexpr unsigned rounds_of_folder = 25;

unsigned folders() {
  return std::getenv("TESTS_LONG") && *std::getenv("TESTS_LONG") ? 40u : 1u;
}

/// One command in so many is refused; so many of these are under way at once.
constexpr std::size_t one_refused_in = 5;
constexpr std::size_t refused_max = 12;

/// So often that many kills meet snapshots while they are made.
const std::vector<std::string> served_with{"--snapshot-events", "50"};

/// A contact's commands in the order in which each needs the one before; or one about nobody.
enum class stage { open, accept, finish, done, nobody };

struct contact {
  std::string name;
  std::string skill;
  std::string agent;
  stage at = stage::open;
};

struct told {
  command_envelope what;
  reply answer;
};

/// Contacts that each have an agent of their own, over and over.
class loaded_client {
public:
  explicit loaded_client(const real::engine& e) { connect_to(e); }

  void connect_to(const real::engine& e) {
    auto opened = gateway::bus::bus_client::connect(e.address("commands"));
    REQUIRE(opened);
    client_ = std::move(*opened);
  }

  void set_up() {
    ask("queue.define", {{"queue", "care"}, {"ring_s", 600}});
    for (std::size_t i = 0; i < agents; ++i)
      ask("agent.sign_in", {{"agent", "A-" + std::to_string(i)},
                            {"skills", value::map{{"own-" + std::to_string(i), 5}}}});
    for (std::size_t i = 0; i < agents; ++i)
      free_.push_back(i);
  }

  /// Keeps all agents at work until so many commands were answered.
  void go_on_for(std::size_t answers) {
    while (answers > 0) {
      while (!free_.empty())
        open_one();
      const auto r = client_->receive(real::patience);
      REQUIRE(r);
      answers -= take(*r) ? 1 : 0;
    }
  }

  /// What was answered gets the same answer again; what was not is done now, and once.
  void hold_to_it() {
    auto next = told_.begin();
    for (std::size_t asked = 0, answered = 0; answered < told_.size();) {
      for (; next != told_.end() && asked < answered + agents; ++next, ++asked)
        client_->send(next->second.what);
      const auto again = client_->receive(real::patience);
      REQUIRE(again);
      const auto& known = told_.at(again->id);
      INFO(known.what.type << " " << again->id);
      CHECK(again->outcome == known.answer.outcome);
      CHECK(again->at == known.answer.at);
      CHECK(again->data == known.answer.data);
      REQUIRE(again->why.has_value() == known.answer.why.has_value());
      if (again->why) {
        CHECK(again->why->type == known.answer.why->type);
        CHECK(again->why->field == known.answer.why->field);
        ++refusals_held_to_;
      }
      ++answered;
    }
    held_to_ += told_.size();
    last_told_ = std::exchange(told_, {});
    for (auto& [id, one] : flying_)
      client_->send(one.second);
  }

  /// All that was begun comes to its end.
  void finish_all() {
    while (!flying_.empty()) {
      const auto r = client_->receive(real::patience);
      REQUIRE(r);
      take(*r);
    }
  }

  void check_log() {
    while (read_on()) {}
    for (const auto& [id, known] : last_told_) {
      INFO(known.what.type << " " << id << " was answered with " << known.answer.at);
      CHECK(last_of_command_[id] == known.answer.at);  // a refused one: 0 and 0
    }
    for (const auto& name : std::exchange(newly_done_, {})) {
      INFO(name);
      CHECK(opened_[name] == 1);
      CHECK(finished_[name] == 1);
      ++done_;
    }
  }

  std::size_t done() const { return done_; }
  /// Commands whose answer was asked for again after a kill, and looked for in the log.
  std::size_t held_to() const { return held_to_; }
  /// Those among them that had been refused.
  std::size_t refusals_held_to() const { return refusals_held_to_; }

private:
  reply ask(std::string_view type, value::map data) {
    command_envelope c;
    c.type = type;
    c.source = "load";
    c.data = value{std::move(data)};
    auto r = client_->ask(std::move(c), real::patience);
    REQUIRE(r);
    REQUIRE(r->outcome == outcome_kind::accepted);
    return std::move(*r);
  }

  /// The next page of the log; false when that was the last.
  bool read_on() {
    const auto page = ask("log.read", {{"after", at_}, {"limit", 1000}});
    for (const auto& e : *page.data.find("events")->as<value::list>()) {
      const auto here = static_cast<position>(e.int_or("position", 0));
      REQUIRE(here == at_ + 1);
      at_ = here;
      last_of_command_[std::string{e.text_or("causationid")}] = here;
      const std::string name{e.find("data")->text_or("contact")};
      INFO(name << " at " << here);
      if (e.text_or("type") == "contact.opened")
        REQUIRE(++opened_[name] == 1);
      if (e.text_or("type") == "contact.finished")
        REQUIRE(++finished_[name] == 1);
    }
    return at_ < static_cast<position>(page.data.int_or("head", 0));
  }

  void open_one() {
    const auto n = free_.back();
    free_.pop_back();
    send({"C-" + std::to_string(++names_), "own-" + std::to_string(n), "A-" + std::to_string(n)});
  }

  void send_about_nobody() {
    command_envelope e;
    e.source = "load";
    e.type = "contact.abandon";
    e.data.set("contact", "nobody-" + std::to_string(sent_));
    e.id = client_->send(e);
    auto id = e.id;
    ++refused_under_way_;
    flying_[std::move(id)] = {contact{{}, {}, {}, stage::nobody}, std::move(e)};
  }

  void send(contact c) {
    if (++sent_ % (one_refused_in - 1) == 0 && refused_under_way_ < refused_max)
      send_about_nobody();
    command_envelope e;
    e.source = "load";
    e.data.set("contact", c.name);
    if (c.at == stage::open) {
      e.type = "contact.open";
      e.data.set("channel", "phone");
      e.data.set("queue", "care");
      e.data.set("skills", value::list{c.skill});
    } else {
      e.type = c.at == stage::accept ? "offer.accept" : "contact.finish";
      e.data.set("agent", c.agent);
    }
    e.id = client_->send(e);
    auto id = e.id;
    flying_[std::move(id)] = {std::move(c), std::move(e)};
  }

  /// False: no answer to anything that is still under way.
  bool take(const reply& r) {
    auto found = flying_.extract(r.id);
    if (!found)
      return false;
    auto [c, what] = std::move(found.mapped());
    INFO(what.type << " " << what.id);
    REQUIRE(r.outcome
            == (c.at == stage::nobody ? outcome_kind::refused : outcome_kind::accepted));
    told_[r.id] = {std::move(what), r};
    if (c.at == stage::nobody) {
      --refused_under_way_;
      return true;
    }
    c.at = static_cast<stage>(static_cast<int>(c.at) + 1);
    if (c.at != stage::done) {
      send(std::move(c));
      return true;
    }
    newly_done_.push_back(c.name);
    free_.push_back(std::stoul(c.agent.substr(2)));
    return true;
  }

  std::unique_ptr<gateway::bus::bus_client> client_;
  std::vector<std::size_t> free_;
  std::map<std::string, std::pair<contact, command_envelope>> flying_;
  std::map<std::string, told> told_;
  std::map<std::string, told> last_told_;
  std::vector<std::string> newly_done_;
  std::size_t done_ = 0;
  std::size_t held_to_ = 0;
  std::size_t refusals_held_to_ = 0;
  std::size_t refused_under_way_ = 0;
  std::size_t sent_ = 0;
  // What the log said until now.
  position at_ = 0;
  std::map<std::string, position> last_of_command_;
  std::map<std::string, int> opened_;
  std::map<std::string, int> finished_;
  std::size_t names_ = 0;
};

/// Answers that were asked for again, and how many of them were refusals.
struct held {
  std::size_t all = 0;
  std::size_t refusals = 0;
};

/// What the folder is left as: the log is what was written, and folds to what its engines had.
void check_folder(const std::string& data) {
  const auto snapshots = std::filesystem::directory_iterator{data + "/snapshots"};
  CHECK(std::any_of(begin(snapshots), end(snapshots),
                    [](const auto& file) { return file.path().extension() == ".snap"; }));
  const auto verified = real::run({"log", "verify", "--replay", "--data", data});
  INFO(verified.err);
  CHECK(verified.code == 0);
}

/// One folder's engines, each killed while it works.
held kill_again_and_again() {
  const real::data_folder data;
  auto engine = std::make_unique<real::engine>(data.path, served_with);
  loaded_client client{*engine};
  client.set_up();
  for (unsigned round = 1; round <= rounds_of_folder; ++round) {
    INFO("round " << round);
    client.go_on_for(50 + 37 * round % 101);
    engine->end(SIGKILL);
    engine = std::make_unique<real::engine>(data.path, served_with);
    client.connect_to(*engine);
    client.hold_to_it();
    client.finish_all();
    client.check_log();
  }
  CHECK(client.done() > 20 * rounds_of_folder);
  {
    // Most engines are killed before they can say it.
    real::desk another{*engine, "phone-2"};
    real::ask_until_hashed(another, 1);
  }
  CHECK(engine->end(SIGTERM) == 0);
  check_folder(data.path);
  return {client.held_to(), client.refusals_held_to()};
}

} // namespace

TEST_CASE("what was acknowledged under load before kill -9 is there after it, and happened once",
          "[serve][R2.3.5]") {
  held commands;
  for (unsigned folder = 1; folder <= folders(); ++folder) {
    INFO("folder " << folder);
    const auto more = kill_again_and_again();
    commands.all += more.all;
    commands.refusals += more.refusals;
  }
  std::cout << "kill -9 under load: " << folders() * rounds_of_folder << " rounds, "
            << commands.all << " answers checked, " << commands.refusals << " of them refusals\n";
  CHECK(commands.all > folders() * rounds_of_folder * 50);
  CHECK(commands.refusals > commands.all / 10);
}
