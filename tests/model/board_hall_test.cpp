#include <catch2/catch.hpp>

#include "messages/json.hpp"
#include "tests/model/board_story.hpp"

using namespace careline;
using namespace careline::board_story;

namespace {

void called(story& s, double at, const std::string& ticket, const char* counter) {
  s.tell(at, routing::ticket_called{ticket, "A", contact_id{"C-" + ticket}, agent_id{"W1"},
                                    queue_id{"care"}, counter_id{counter}, 0});
}

reception::area_defined hall(const char* name) {
  reception::area_defined x;
  x.area = area_id{name};
  x.queue = queue_id{"care"};
  x.site = site_id{"north"};
  x.open = {{{1, 2, 3, 4, 5}, "09:00", "17:30"}};
  return x;
}

std::string part_of(const story& s, double at, std::string_view key) {
  const auto shown = s.shown(at);
  const auto* part = shown.find(key);
  return part ? to_json(*part) : std::string{"none"};
}

} // namespace

TEST_CASE("the board shows which tickets were called last, and where", "[board][R2.1.6]") {
  story s;
  CHECK(part_of(s, 0, "tickets") == "none");
  for (const auto* one : {"A001", "A002", "A003", "A004", "A005", "A006"})
    called(s, 1, one, "3");
  called(s, 2, "A003", "7");
  CHECK(part_of(s, 2, "tickets")
        == R"({"A":[{"ticket":"A002","counter":"3"},{"ticket":"A004","counter":"3"},)"
           R"({"ticket":"A005","counter":"3"},{"ticket":"A006","counter":"3"},)"
           R"({"ticket":"A003","counter":"7"}]})");
  // Who did not come is called no longer.
  routing::ticket_missed missed;
  missed.ticket = "A006";
  missed.prefix = "A";
  s.tell(3, missed);
  CHECK(part_of(s, 3, "tickets").find("A006") == std::string::npos);
  // The day before is over.
  CHECK(part_of(s, 86'400, "tickets") == "{}");
}

TEST_CASE("the board shows each area, and whether it is open now", "[board][R2.1.4]") {
  story s;
  CHECK(part_of(s, 0, "areas") == "none");
  s.tell(1, hall("hall"));
  CHECK(part_of(s, 1, "areas")
        == R"({"hall":{"kind":"counter","queue":"care","open":true,"site":"north"}})");
  constexpr double ten_hours = 36'000;
  CHECK(part_of(s, ten_hours, "areas").find(R"("open":false)") != std::string::npos);
  s.tell(2, routing::site_state_changed{site_id{"north"}, routing::site_state::closed, {}, {}});
  CHECK(part_of(s, 3, "areas").find(R"("open":false)") != std::string::npos);
  reception::area_removed gone;
  gone.area = area_id{"hall"};
  s.tell(4, gone);
  CHECK(part_of(s, 5, "areas") == "{}");
}
