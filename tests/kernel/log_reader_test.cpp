#include <catch2/catch.hpp>

#include "actors/kernel/log_reader.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "centre.hpp"
#include "messages/json.hpp"

using namespace careline;
using namespace careline::kernel;
using namespace careline::kernel::fakes;

namespace {

/// A log whose disk does not answer.
class dead_log final : public store::event_log {
public:
  void append(std::vector<store::batch>, position, std::uint64_t, append_done) override {}
  position head() const override { return 100; }
  store::chain_hash head_hash() const override { return {}; }
  std::uint64_t epoch() const override { return 1; }
  result<store::chain_hash, store::log_error> hash_at(position) const override { return no(why()); }
  result<store::page, store::log_error> read(const store::read_options&) const override {
    return no(why());
  }
  result<std::vector<event_record>, store::log_error>
  read_stream(std::string_view) const override {
    return no(why());
  }
  result<std::optional<store::remembered>, store::log_error>
  find_command(const store::command_key&) const override {
    return no(why());
  }
  result<std::optional<position>, store::log_error>
  find_checkpoint(std::string_view) const override {
    return no(why());
  }
  std::vector<std::pair<std::string, position>> last_of_types() const override { return {}; }
  std::int64_t room_bytes() const override { return 0; }
  std::int64_t reserve_bytes() const override { return 0; }

private:
  static store::log_error why() { return {store::log_fault::io, "input/output error", 7}; }
};

} // namespace

TEST_CASE("a log that cannot be read is not told as another log, so that nobody begins again") {
  const dead_log log;
  query::log_read asked;
  asked.after = 50;
  const auto page = read_page(log, asked);
  REQUIRE_FALSE(page);
  CHECK(page.error().type == "log.unreadable");
  CHECK(outcome_of(page.error().type) == "busy");
  query::contact_show contact;
  contact.contact = contact_id{"C-1"};
  CHECK(complete(log, contact, value{value::map{}}).error().type == "log.unreadable");
  // Only a position behind the end says that.
  asked.after = 101;
  CHECK(read_page(log, asked).error().type == "log.bad_position");
}

TEST_CASE("a page of the log has at most a thousand events, however many are asked for") {
  centre c;
  for (int n = 0; n < 1'010; ++n)
    c.ask(c.open("C-" + std::to_string(n)));
  REQUIRE(c.log.head() > 1'000);
  for (const int limit : {5'000, 1'000}) {
    const auto page = c.ask(c.of("log.read", {{"after", 0}, {"limit", limit}}));
    REQUIRE(page.data.find("events"));
    CHECK(page.data.find("events")->as<value::list>()->size() == 1'000);
    CHECK(page.data.int_or("next", 0) == 1'000);
    CHECK(page.data.int_or("head", 0) == static_cast<std::int64_t>(c.log.head()));
  }
}

TEST_CASE("a hole in a party's record is told where it is", "[R2.3.5]") {
  const auto log = memory_log();
  clear_sealer keys;
  const auto tell = [&](event e) {
    store::batch one;
    one.events = *records_of({{std::move(e), nine}}, {"test", {}, {}, {}, false}, keys);
    log->append({std::move(one)}, log->head(), log->epoch(), [](const auto& done) {
      REQUIRE(done);
    });
  };
  const auto given = [](int step) {
    registration::consent_given e;
    e.party = party_id{"zhang"};
    e.step = step;
    e.purpose = code_word{"care"};
    e.channel = channel_id{"phone"};
    e.proof = code_word{"recording-1"};
    return e;
  };
  tell(given(1));
  tell(given(3));
  const auto told = [&](int steps) {
    value::list parties{value{value::map{{"party", "zhang"}, {"steps", steps}}}};
    query::customer_timeline asked;
    asked.party = party_id{"zhang"};
    const auto out =
        complete(*log, asked, value{value::map{{"parties", value{std::move(parties)}}}});
    REQUIRE(out);
    CHECK(out->find("timeline")->as<value::list>()->size() == 2);
    return to_json(*out->find("gaps"));
  };
  CHECK(told(3) == R"([{"party":"zhang","after":1,"missing":1}])");
  CHECK(told(5)
        == R"([{"party":"zhang","after":1,"missing":1},{"party":"zhang","after":3,"missing":2}])");
}
