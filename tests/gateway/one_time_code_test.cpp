#include <catch2/catch.hpp>

#include "gateway/http/one_time_code.hpp"

using namespace careline;
using namespace careline::gateway::http;
using namespace std::chrono_literals;

namespace {

/// "12345678901234567890" in base32: the secret of RFC 6238, appendix B.
constexpr std::string_view secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

} // namespace

TEST_CASE("codes are those of RFC 6238 and RFC 4226", "[security]") {
  // Appendix B of RFC 6238 has eight digits; an authenticator shows the last six.
  CHECK(code_of(secret, 59 / 30) == "287082");
  CHECK(code_of(secret, 1111111109 / 30) == "081804");
  CHECK(code_of(secret, 1111111111 / 30) == "050471");
  CHECK(code_of(secret, 1234567890 / 30) == "005924");
  CHECK(code_of(secret, 2000000000 / 30) == "279037");
  CHECK(code_of(secret, 20000000000 / 30) == "353130");
  // Appendix D of RFC 4226.
  const auto hotp = {"755224", "287082", "359152", "969429", "338314",
                     "254676", "287922", "162583", "399871", "520489"};
  std::uint64_t count = 0;
  for (const auto* code : hotp)
    CHECK(code_of(secret, count++) == code);
}

TEST_CASE("a clock may be half a minute off, and no more", "[security]") {
  const instant now = from_ms(1'234'567'890'000);
  const std::uint64_t step = 1'234'567'890 / 30;
  CHECK(step_of_code(secret, code_of(secret, step), now) == step);
  CHECK(step_of_code(secret, code_of(secret, step - 1), now) == step - 1);
  CHECK(step_of_code(secret, code_of(secret, step + 1), now) == step + 1);
  CHECK(step_of_code(secret, code_of(secret, step - 2), now) == 0);
  CHECK(step_of_code(secret, code_of(secret, step + 2), now) == 0);
}

TEST_CASE("what is no code and no secret fits nothing", "[security]") {
  const instant now = from_ms(1'234'567'890'000);
  for (const auto* wrong : {"", "12345", "1234567", "abcdef", "００５９２４"})
    CHECK(step_of_code(secret, wrong, now) == 0);
  CHECK(code_of("", 1).empty());
  CHECK(code_of("not base32!", 1).empty());
  CHECK(step_of_code("not base32!", "000000", now) == 0);
}
