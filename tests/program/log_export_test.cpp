#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"
#include "tools/careline/log_lines.hpp"

// A log as a file that others can read, and back.

using namespace careline;
namespace fs = std::filesystem;

namespace {

std::string bytes_in(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string replaced(std::string in, const std::string& what, const std::string& by) {
  const auto at = in.find(what);
  REQUIRE(at != in.npos);
  return in.replace(at, what.size(), by);
}

/// A centre that ran, with someone whose words are sealed, and its export.
struct ran {
  real::data_folder folder;
  std::string data = folder.path + "/data";
  std::string again = folder.path + "/again";
  std::string file = folder.path + "/all";
  std::string hash;

  explicit ran(const std::string& form) {
    {
      real::engine e{data};
      real::desk d{e, "phone-1"};
      for (const auto& [type, json] :
           {std::pair{"queue.define",
                      R"({"queue":"care","rules":[{"after_s":20.5,"do":[{"urgency_add":1}]}]})"},
            std::pair{"contact.open", R"({"contact":"C-1","channel":"chat","queue":"care",)"
                                      R"("customer":{"id":"K-7","name":"Zhao Tie"}})"},
            std::pair{"contact.say", R"({"contact":"C-1","from":"customer","text":"hello"})"},
            std::pair{"contact.open", R"({"contact":"C-2","channel":"phone","queue":"care"})"},
            std::pair{"contact.change", R"({"contact":"C-2","urgency":1})"}})
        REQUIRE(d.ask(type, json).outcome == outcome_kind::accepted);
      REQUIRE(e.end(SIGTERM) == 0);
    }
    const auto told = real::run({"log", "export", file, "--data", data, "--format", form});
    INFO(told.err);
    REQUIRE(told.code == 0);
    hash = hash_of(data);
  }
  static std::string hash_of(const std::string& of) {
    const auto verified = real::run({"log", "verify", "--data", of, "--json"});
    REQUIRE(verified.code == 0);
    return std::string{real::json_lines(verified.out).at(0).text_or("hash")};
  }
  /// Imports other bytes than were exported. Requires: nothing of them becomes a data folder.
  std::string refused(const std::string& bytes) const {
    const auto changed = folder.path + "/changed";
    std::ofstream{changed, std::ios::binary} << bytes;
    const auto told = real::run({"log", "import", changed, "--data", again});
    INFO(bytes.size() << " bytes; " << told.err);
    CHECK(told.code == 3);
    CHECK_FALSE(fs::exists(again));
    return told.err;
  }
};

} // namespace

TEST_CASE("an imported log is the exported one, and an engine goes on with it", "[log]") {
  const ran r{GENERATE("jsonl", "msgpack")};
  const auto imported = real::run({"log", "import", r.file, "--data", r.again});
  INFO(imported.err);
  REQUIRE(imported.code == 0);
  CHECK_THAT(imported.out, Catch::Contains(r.hash));
  CHECK_THAT(imported.err, Catch::Contains("the answers to commands are not in an export"));
  CHECK(ran::hash_of(r.again) == r.hash);
  real::engine e{r.again};
  REQUIRE_FALSE(e.ready.empty());
  real::desk d{e, "phone-1"};
  const auto shown = d.ask("queue.show", R"({"queue":"care"})");
  std::vector<std::string> names;
  for (const auto& row : *shown.data.find("waiting")->as<value::list>())
    names.emplace_back(row.text_or("contact"));
  CHECK(names == std::vector<std::string>{"C-2", "C-1"});
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("events come out as they are read elsewhere, each with its hash, and from where one asks",
          "[log]") {
  const ran r{"jsonl"};
  const auto read = real::json_lines(real::run({"log", "read", "--data", r.data}).out);
  auto all = real::json_lines(bytes_in(r.file));
  REQUIRE(all.size() == read.size() + 2);
  CHECK(all.front().text_or("careline") == "log");
  CHECK(all.back().text_or("careline") == "end");
  CHECK(all.back().text_or("hash") == r.hash);
  std::set<std::string> hashes;
  for (std::size_t i = 0; i < read.size(); ++i) {
    value without{value::map{}};
    for (const auto& [key, item] : *all[i + 1].as<value::map>())
      if (key != "hash" && key != "packed")
        without.add(key, item);
    CHECK(to_json(without) == to_json(read[i]));
    hashes.emplace(all[i + 1].text_or("hash"));
  }
  CHECK(hashes.size() == read.size());
  CHECK(hashes.contains(r.hash));

  const auto some = real::run({"log", "export", "--data", r.data, "--after", "5"});
  const auto lines = real::json_lines(some.out);
  CHECK(lines.front().int_or("after", 0) == 5);
  CHECK(lines.front().text_or("hash") == all[5].text_or("hash"));
  CHECK(lines[1] == all[6]);
  const real::text_file part{some.out};
  const auto refused = real::run({"log", "import", part.path, "--data", r.again});
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Catch::Contains("begins after event 5"));
  CHECK(real::run({"log", "export", "--data", r.data, "--after", "999"}).code == 1);
}

TEST_CASE("an export that was cut is refused wherever it was cut", "[log]") {
  const std::string form = GENERATE("jsonl", "msgpack");
  const ran r{form};
  const auto whole = bytes_in(r.file);
  for (std::size_t at = 0; at + 1 < whole.size(); at += whole.size() / 12)
    CHECK_THAT(r.refused(whole.substr(0, at)), Catch::Contains(r.folder.path + "/changed: "));
  if (form == "jsonl") {
    const auto end = whole.rfind("\n{");
    CHECK_THAT(r.refused(whole.substr(0, end + 1)), Catch::Contains("it was cut"));
    CHECK_THAT(r.refused(whole.substr(whole.find('\n') + 1)), Catch::Contains("line 1"));
  }
}

TEST_CASE("an export that was changed is refused, and the line is named", "[log]") {
  const ran r{"jsonl"};
  const auto whole = bytes_in(r.file);
  const auto at = [&](const std::string& what) {
    const auto found = whole.find(what);
    REQUIRE(found != whole.npos);
    return ": line " + std::to_string(1 + std::count(whole.begin(), whole.begin() + static_cast<
                                                         std::ptrdiff_t>(found), '\n')) + " ";
  };
  SECTION("what it says") {
    CHECK_THAT(r.refused(replaced(whole, R"("channel":"chat")", R"("channel":"cart")")),
               Catch::Contains(at(R"("channel":"chat")")));
  }
  SECTION("what it shows of sealed bytes") {
    const std::string mark = R"("from":"customer")";
    CHECK_THAT(r.refused(replaced(whole, mark, R"("from":"customar")")),
               Catch::Contains(at(mark)) && Catch::Contains("shows something else"));
  }
  SECTION("an attribute that is in no hash") {
    CHECK_THAT(r.refused(replaced(whole, R"("id":"0-4")", R"("id":"0-5")")),
               Catch::Contains(at(R"("id":"0-4")")));
  }
  SECTION("a line that was left out") {
    const auto from = whole.find('\n', whole.find('\n') + 1) + 1;
    CHECK_THAT(r.refused(whole.substr(0, from) + whole.substr(whole.find('\n', from) + 1)),
               Catch::Contains(": line 3 "));
  }
  SECTION("more behind its end") {
    CHECK_THAT(r.refused(whole + whole), Catch::Contains("begins another log"));
  }
  SECTION("it is something else altogether") {
    CHECK_THAT(r.refused(R"({"name":"Zhao"})" "\n"), Catch::Contains("line 1"));
    CHECK_THAT(r.refused("no export\n"), Catch::Contains("line 1"));
  }
}

TEST_CASE("an export that begins or ends at a place that is no number is refused", "[log]") {
  using program::export_format;
  const std::string hash(64, '0');
  const auto head = [&](const std::string& after) {
    return program::read_exported(
        export_format::jsonl,
        R"({"careline":"log","format":1,"after":)" + after + R"(,"hash":")" + hash + "\"}");
  };
  const auto end = [&](const std::string& checkpoint) {
    return program::read_exported(
        export_format::jsonl, R"({"careline":"end","events":1,"head":1,"hash":")" + hash
                                  + R"(","epoch":1,"checkpoints":{"routing":)" + checkpoint + "}}");
  };
  CHECK(head("7"));
  CHECK(end("1"));
  for (const auto* wrong : {"-1", "\"1\"", "1.5", "null"}) {
    INFO(wrong);
    REQUIRE_FALSE(head(wrong));
    CHECK_THAT(head(wrong).error().detail, Catch::Contains("\"after\""));
    REQUIRE_FALSE(end(wrong));
    CHECK_THAT(end(wrong).error().detail, Catch::Contains("\"routing\""));
  }
}

TEST_CASE("an export may have other spaces in it than it was written with", "[log]") {
  const ran r{"jsonl"};
  std::string spaced;
  for (const auto& line : real::json_lines(bytes_in(r.file))) {
    spaced += " " + replaced(to_json(line), ":", " : ") + "\n";
  }
  std::ofstream{r.file} << spaced;
  CHECK(real::run({"log", "import", r.file, "--data", r.again}).code == 0);
  CHECK(ran::hash_of(r.again) == r.hash);
}
