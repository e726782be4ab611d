#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <sstream>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// The real program on a disk that changed a bit.

using namespace careline;

namespace {

/// Changes one bit of `text` wherever it stands in the log's file.
void change_bit(const std::string& data, const std::string& text) {
  const auto file = data + "/log/data.mdb";
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  auto bytes = all.str();
  std::size_t changed = 0;
  for (auto at = bytes.find(text); at != bytes.npos; at = bytes.find(text, at + 1), ++changed)
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
  REQUIRE(changed > 0);
  std::ofstream{file, std::ios::binary} << bytes;
}

} // namespace

TEST_CASE("a changed bit in a record ends verify, read and serve with 3 and its position",
          "[program][R2.2.3][R2.3.3][R2.3.5]") {
  const real::data_folder data;
  {
    real::engine e{data.path};
    real::desk d{e, "desk"};
    REQUIRE(d.ask("queue.define", R"({"queue":"a-queue-to-be-changed"})").outcome
            == outcome_kind::accepted);
    CHECK(e.end(SIGTERM) == 0);
  }
  const auto found = real::json_lines(
      real::run({"log", "read", "--data", data.path, "--type", "queue.defined"}).out);
  REQUIRE(found.size() == 1);
  const auto at = std::to_string(found[0].int_or("position", 0));
  change_bit(data.path, "a-queue-to-be");
  for (const auto& words : {std::vector<std::string>{"log", "verify"},
                            {"log", "read"},
                            {"log", "stat"},
                            {"serve", "--http", "127.0.0.1:0"}}) {
    auto all = words;
    all.insert(all.end(), {"--data", data.path});
    const auto told = real::run(all);
    INFO(words.back() << ": " << told.err);
    CHECK(told.code == 3);
    CHECK(told.err.find("position " + at) != std::string::npos);
    CHECK(told.out.find("`-queue") == std::string::npos);
  }
}

TEST_CASE("a reply that a disk changed is told to nobody: the engine ends with 3",
          "[program][R2.3.5]") {
  const real::data_folder data;
  std::string id;
  {
    real::engine e{data.path};
    const auto refused = real::run({"send", "contact.abandon", "contact=nobody", "--commands",
                                    e.address("commands")});
    CHECK(refused.code == 1);
    id = from_json(refused.out)->text_or("id");
    CHECK(e.end(SIGTERM) == 0);
  }
  change_bit(data.path, "routing.unknown_contact");
  const auto verified = real::run({"log", "verify", "--data", data.path});
  CHECK(verified.code == 3);
  CHECK(verified.err.find("the remembered reply to the command " + id) != std::string::npos);
  real::engine e{data.path};
  const auto again = real::run({"send", "contact.abandon", "contact=nobody", "--id", id,
                                "--timeout", "2", "--commands", e.address("commands")});
  CHECK(again.out.find("outcome") == std::string::npos);
  CHECK(e.end(0) == 3);
  CHECK(e.said().find(id) != std::string::npos);
}
