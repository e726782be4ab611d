#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// The real program, and an auditor who keeps what it signed in another place.

using namespace careline;

namespace {

namespace fs = std::filesystem;

std::string slurp(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream{path, std::ios::binary}.rdbuf();
  return all.str();
}

std::string first_word(const std::string& text) {
  return text.substr(0, text.find_first_of(" \n"));
}

/// Serves for a moment, with some events, and stops in order.
void serve_once(const std::string& data, std::vector<std::string> more, const std::string& queue) {
  real::engine e{data, std::move(more)};
  real::desk d{e, "desk"};
  CHECK(d.ask("queue.define", R"({"queue":")" + queue + R"("})").outcome
        == outcome_kind::accepted);
  CHECK(e.end(SIGTERM) == 0);
}

} // namespace

TEST_CASE("what an engine signed fits its log after restarts, beside it and elsewhere",
          "[program][R2.2.3][R2.3.3][R2.3.5]") {
  const real::data_folder data;
  const real::data_folder auditor;
  const auto heads = auditor.path + "/heads.jsonl";
  serve_once(data.path, {"--heads", heads, "--heads-every-s", "0"}, "care");
  serve_once(data.path, {"--heads", heads, "--heads-every-s", "0"}, "late");
  const auto lines = real::json_lines(slurp(heads));
  REQUIRE(lines.size() == 2);  // at each stop
  CHECK(lines[0].int_or("position", 0) < lines[1].int_or("position", 0));
  CHECK_FALSE(fs::exists(data.path + "/heads.jsonl"));
  struct stat about {};
  REQUIRE(::stat((data.path + "/keys/signing.key").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);

  const auto key = first_word(real::run({"log", "key", "--data", data.path}).out);
  CHECK(key.size() == 64);
  real::engine running{data.path, {"--heads", heads, "--heads-every-s", "0"}};
  const auto now = real::run({"log", "head", "--data", data.path});
  CHECK(now.code == 0);
  std::ofstream{heads, std::ios::app} << now.out;
  for (const auto& with : {std::vector<std::string>{}, {"--key", key}}) {
    auto words = std::vector<std::string>{"log",     "verify", "--data", data.path,
                                          "--heads", heads,    "--json"};
    words.insert(words.end(), with.begin(), with.end());
    const auto told = real::run(words);
    INFO(told.err);
    CHECK(told.code == 0);
    const auto out = from_json(told.out);
    REQUIRE(out);
    CHECK(out->int_or("signed_heads", 0) == 3);
    CHECK(out->int_or("last_signed", 0) == out->int_or("head", -1));
  }
}

TEST_CASE("an engine signs its log by itself, and a killed one goes on in the same file",
          "[program][R2.2.3]") {
  const real::data_folder data;
  const auto count = [&] { return real::json_lines(slurp(data.path + "/heads.jsonl")).size(); };
  for (const std::size_t until : {3U, 6U}) {
    real::engine e{data.path, {"--speed", "1000", "--heads-every-s", "60"}};
    real::desk d{e, "desk"};
    for (int asked = 0; count() < until && asked < 100'000; ++asked)
      d.ask("engine.status", "{}");
    CHECK(count() >= until);
    e.end(SIGKILL);
  }
  const auto verified =
      real::run({"log", "verify", "--data", data.path, "--heads", data.path + "/heads.jsonl"});
  INFO(verified.err);
  CHECK(verified.code == 0);
}

TEST_CASE("a log that was cut short, a foreign key and a broken line end with 3 and the line",
          "[program][R2.2.3][R2.3.3][R2.3.5]") {
  const real::data_folder data;
  const real::data_folder before;
  const auto heads = data.path + "/heads.jsonl";
  serve_once(data.path, {"--heads-every-s", "0"}, "care");
  fs::copy(data.path, before.path, fs::copy_options::recursive);
  serve_once(data.path, {"--heads-every-s", "0"}, "late");
  const auto verify = [&](const std::string& folder, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"log", "verify", "--data", folder, "--heads", heads};
    words.insert(words.end(), more.begin(), more.end());
    return real::run(words);
  };
  CHECK(verify(data.path).code == 0);
  const auto cut = verify(before.path);
  CHECK(cut.code == 3);
  CHECK(cut.err.find(heads + ":2: it was signed at position ") != std::string::npos);
  CHECK(cut.err.find("it was cut short") != std::string::npos);
  const auto foreign = verify(data.path, {"--key", std::string(64, 'a')});
  CHECK(foreign.code == 3);
  CHECK(foreign.err.find(heads + ":1: it was signed with the foreign key") != std::string::npos);
  CHECK(verify(data.path, {"--key", "abc"}).code == 2);
  std::ofstream{heads, std::ios::app} << "{}\n";
  const auto broken = verify(data.path);
  CHECK(broken.code == 3);
  CHECK(broken.err.find(heads + ":3: it is no signed head") != std::string::npos);

  // The older copy is served, but not in silence.
  real::engine older{before.path, {"--heads", heads}};
  CHECK(older.end(SIGTERM) == 0);
  const auto said = older.said();
  INFO(said);
  CHECK(said.find("line 3 of ") != std::string::npos);
  CHECK(said.find("error: a head was signed at position ") != std::string::npos);
}

TEST_CASE("a backup is restored and served although heads that are kept elsewhere know of more",
          "[program][R2.3.5]") {
  const real::data_folder place;
  const auto heads = place.path + "/heads.jsonl";
  const auto data = place.path + "/data";
  const auto again = place.path + "/again";
  serve_once(data, {"--heads", heads, "--heads-every-s", "0"}, "care");
  REQUIRE(real::run({"log", "backup", place.path + "/backup", "--data", data}).code == 0);
  serve_once(data, {"--heads", heads, "--heads-every-s", "0"}, "late");
  REQUIRE(real::run({"log", "restore", place.path + "/backup", "--data", again}).code == 0);
  real::engine restored{again, {"--heads", heads}};
  CHECK(real::desk{restored, "desk"}.ask("queue.show", R"({"queue":"care"})").outcome
        == outcome_kind::accepted);
  CHECK(restored.end(SIGTERM) == 0);
  CHECK_THAT(restored.said(), Catch::Contains("error: a head was signed at position "));
}

TEST_CASE("mistakes with signed heads end in a sentence", "[program]") {
  const real::data_folder data;
  serve_once(data.path, {"--heads-every-s", "0"}, "care");
  CHECK(real::json_lines(slurp(data.path + "/heads.jsonl")).size() == 1);
  const auto absent = data.path + "/no/such/file";
  CHECK(real::run({"log", "verify", "--data", data.path, "--heads", absent}).code == 1);
  CHECK(real::run({"log", "verify", "--data", data.path, "--key", "abc"}).code == 2);
  std::ofstream{data.path + "/empty.jsonl"} << "";
  const auto nothing =
      real::run({"log", "verify", "--data", data.path, "--heads", data.path + "/empty.jsonl"});
  CHECK(nothing.code == 1);
  CHECK(nothing.err.find("holds no signed head") != std::string::npos);
  real::engine nowhere{data.path, {"--heads", absent}};
  CHECK(nowhere.ready.empty());
  CHECK(nowhere.end(0) == 1);
  CHECK(nowhere.said().find("cannot open the file of signed heads " + absent) != std::string::npos);
  fs::remove(data.path + "/keys/signing.key");
  const auto keyless = real::run({"log", "head", "--data", data.path});
  CHECK(keyless.code == 1);
  CHECK(keyless.err.find("signing.key is missing") != std::string::npos);
}
