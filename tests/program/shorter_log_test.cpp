#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "tests/program/real_engine.hpp"
#include "tests/program/reopened.hpp"

// A log that has lost its end, and what of the folder beside it tells.

using namespace careline;
using real::refused, real::waiting_at;
namespace fs = std::filesystem;

namespace {

/// The position that the answer tells.
position open_contact(real::desk& d, const std::string& name) {
  const auto json = R"({"contact":")" + name + R"(","channel":"phone","queue":"care"})";
  const auto r = d.ask("contact.open", json);
  REQUIRE(r.outcome == outcome_kind::accepted);
  return r.at;
}

bool has_snapshot_from(const std::string& data, position from) {
  for (const auto& file : fs::directory_iterator{data + "/snapshots"})
    if (const auto name = file.path().stem().string(); file.path().extension() == ".snap")
      if (std::stoull(name.substr(name.rfind('-') + 1)) >= from)
        return true;
  return false;
}

/// Somebody waits in the first part of the log, and another one in what is lost then.
struct shortened {
  const real::data_folder folder;
  const std::string data = folder.path + "/data";
  const std::string aside = folder.path + "/aside";
  const std::string older_heads = folder.path + "/older heads";

  /// `more`: of the engine whose work is lost.
  explicit shortened(std::vector<std::string> more, bool takes_snapshots) {
    {
      real::engine e{data, {"--snapshot-events", "0"}};
      real::desk d{e, "phone-1"};
      REQUIRE(d.ask("queue.define", R"({"queue":"care"})").outcome == outcome_kind::accepted);
      open_contact(d, "C-1");
      REQUIRE(e.end(SIGTERM) == 0);
    }
    fs::copy(data + "/log", aside);
    fs::copy_file(data + "/heads.jsonl", older_heads);
    {
      real::engine e{data, std::move(more)};
      real::desk d{e, "phone-1"};
      const auto lost = open_contact(d, "C-2");
      for (const auto* name : {"C-3", "C-4"})
        open_contact(d, name);
      // They are made in the background.
      for (int asked = 0; takes_snapshots && !has_snapshot_from(data, lost) && asked < 20'000;
           ++asked)
        d.ask("engine.status", "{}");
      REQUIRE(e.end(SIGTERM) == 0);
    }
    fs::remove_all(data + "/log");
    fs::copy(aside, data + "/log");
  }
};

} // namespace

TEST_CASE("a log that lost its end behind a signed head is not gone on with", "[serve][R2.3.5]") {
  const shortened log{{"--snapshot-events", "0"}, false};
  CHECK_THAT(refused(log.data), Catch::Contains("but it was longer: " + log.data + "/heads.jsonl")
                                    && Catch::Contains("restore the newest backup"));
  // Whoever wants the older state all the same has it.
  fs::rename(log.data + "/heads.jsonl", log.folder.path + "/newer heads");
  real::engine e{log.data};
  CHECK(waiting_at(e) == 1);
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("a log that lost its end behind a snapshot is not gone on with", "[serve][R2.3.5]") {
  const shortened log{{"--snapshot-events", "3"}, true};
  fs::copy_file(log.older_heads, log.data + "/heads.jsonl", fs::copy_options::overwrite_existing);
  CHECK_THAT(refused(log.data), Catch::Contains(".snap is a snapshot of position "));
  fs::remove_all(log.data + "/snapshots");
  real::engine e{log.data};
  CHECK(waiting_at(e) == 1);
  CHECK(e.end(SIGTERM) == 0);
}
