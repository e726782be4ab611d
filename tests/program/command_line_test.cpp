#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "messages/json.hpp"
#include "tests/program/real_engine.hpp"

// The one program as people type it: what it prints, how it ends, what it says to mistakes.

using namespace careline;

namespace {

struct mistake {
  std::vector<std::string> words;
  const char* said;
};

std::vector<std::string> to(const real::engine& e, std::vector<std::string> words) {
  words.push_back("--commands");
  words.push_back(e.address("commands"));
  return words;
}

} // namespace

TEST_CASE("a mistake in a command line ends with 2 and says what was meant", "[program]") {
  for (const auto& [words, said] : {
           mistake{{"sevre"}, "Did you mean \"serve\"?"},
           mistake{{"serve", "--spede", "2"}, "Did you mean \"--speed\"?"},
           mistake{{"serve", "--speed", "fast"}, "--speed"},
           mistake{{"send", "contact.opne"}, "Did you mean \"contact.open\"?"},
           mistake{{"send", "contact.open", "chanel=phone"}, "Did you mean \"channel\"?"},
           mistake{{"send", "queue.list", "--id", "5"}, "UUID of version 7"},
           mistake{{"send"}, "give a TYPE"},
           mistake{{"tail", "contcat"}, "Did you mean \"contact\"?"},
           mistake{{"tail", "--after", "x"}, "\"x\" is no whole number, 0 or more"},
           mistake{{"tail", "--count", "0"}, "\"0\" is no whole number, 1 or more"},
           mistake{{"log", "read", "--after", "-1"}, "no whole number"},
           mistake{{"log"}, "say one of read, stat, verify"},
           mistake{{"show", "queues", "x", "y"}, "show"},
           mistake{{"simulate"}, "give a scenario file"},
           mistake{{"simulate", "--agents", "3", "f"}, "go with --call-log"},
           mistake{{"actor", "cook"}, "cook"},
           mistake{{}, "say what to do"},
       }) {
    const auto told = real::run(words);
    INFO((words.empty() ? "" : words.front()) << ": " << told.err);
    CHECK(told.code == 2);
    CHECK(told.err.find(said) != std::string::npos);
    CHECK(told.out.empty());
  }
}

TEST_CASE("each subcommand stands in the README and tells how it is used, on stdout",
          "[program]") {
  const auto all = real::run({"help"});
  CHECK(all.code == 0);
  std::ifstream file{CARELINE_SOURCE_DIR "/README.md"};
  const std::string readme{std::istreambuf_iterator<char>{file}, {}};
  const std::regex row{"\n  (\\w+)  "};
  std::set<std::string> names;
  for (std::sregex_iterator at{all.out.begin(), all.out.end(), row}, end; at != end; ++at)
    names.insert((*at)[1]);
  CHECK(names.count("serve") + names.count("audit") + names.count("version") == 3);
  for (const auto& name : names) {
    INFO(name);
    CHECK(readme.find("`" + name + "`") != std::string::npos);
    const auto told = real::run({"help", name});
    CHECK(told.code == 0);
    CHECK((name == "help" || told.out.find("careline " + name) != std::string::npos));
    CHECK(told.err.empty());
  }
}

TEST_CASE("a configuration with a typo is refused with file, line and the nearest key",
          "[program]") {
  const real::data_folder folder;
  const auto path = folder.path + "/careline.toml";
  std::ofstream{path} << "speed = 2\n\n[session]\ngrace_ss = 5\n";
  for (const auto& words : {std::vector<std::string>{"config", "check", path},
                            {"serve", "--config", path, "--data", folder.path + "/data"}}) {
    const auto told = real::run(words);
    INFO(told.err);
    CHECK(told.code == 2);
    CHECK(told.err.find(path + ":4: ") != std::string::npos);
    CHECK(told.err.find("Did you mean \"session.grace_s\"?") != std::string::npos);
  }
  std::ofstream{path} << "speed = 2\n[[triage]]\nneed = \"bill\"\nqueue = \"care\"\n";
  CHECK(real::run({"config", "check", path}).code == 0);
  const auto shown = real::run({"config", "show", "--config", path, "--grace-s", "7", "--json"});
  CHECK(shown.code == 0);
  const auto out = from_json(shown.out);
  REQUIRE(out);
  INFO(shown.out);
  CHECK(out->find("speed")->number_or("value", 0) == 2);
  CHECK(out->find("speed")->text_or("from") == path + ":1");
  CHECK(out->find("session.grace_s")->text_or("from") == "--grace-s");
}

TEST_CASE("a configuration file with nothing in it is one, a folder is none", "[program]") {
  const real::text_file empty{"", "careline.toml"};
  CHECK(real::run({"config", "check", "--config", empty.path}).code == 0);
  const real::data_folder folder;
  const auto told = real::run({"config", "check", "--config", folder.path});
  CHECK(told.code == 2);
  CHECK(told.err.find(folder.path + ": the configuration file cannot be read") != told.err.npos);
  const auto imported = real::run({"log", "import", folder.path, "--data", folder.path + "/new"});
  CHECK(imported.code == 1);
  CHECK(imported.err.find("cannot read " + folder.path) != imported.err.npos);
}

TEST_CASE("a program reads what may be configured as JSON, a person as a table", "[program]") {
  const auto table = real::run({"config", "fields"});
  CHECK(table.code == 0);
  CHECK(table.out.find("session.grace_s") != std::string::npos);
  const auto fields = from_json(real::run({"config", "fields", "--json"}).out);
  REQUIRE(fields);
  const auto& grace = *fields->find("session.grace_s");
  CHECK(grace.int_or("default", 0) == 10);
  CHECK(grace.text_or("unit") == "s");
  CHECK(grace.text_or("environment") == "CARELINE_SESSION_GRACE_S");
}

TEST_CASE("what one sends, the others show, tell and explain", "[program][R2.1.7]") {
  const real::data_folder data;
  real::engine e{data.path};
  const auto ok = [&](std::vector<std::string> words) {
    const auto told = real::run(to(e, std::move(words)));
    INFO(told.err);
    CHECK(told.code == 0);
    return told.out;
  };
  ok({"send", "queue.define", "queue=care", "ring_s=600", "skills=zh"});
  ok({"send", "agent.sign_in", "agent=10086", "skills.zh=5"});
  const auto opened = ok({"send", "contact.open", "--contact", "C-1", "--channel", "phone",
                          "--queue", "care"});
  CHECK(from_json(opened)->text_or("outcome") == "accepted");
  CHECK(from_json(opened)->find("data")->text_or("contact") == "C-1");
  CHECK(ok({"show", "queue", "care"}).find("care") != std::string::npos);
  CHECK(ok({"show", "agent", "10086"}).find("offered") != std::string::npos);
  CHECK(ok({"show", "contact", "C-1"}).find("contact.queued") != std::string::npos);
  CHECK(ok({"show", "board"}).find("sl_late") != std::string::npos);
  const auto why = ok({"why", "C-1"});
  CHECK(why.find("Offer 1 to 10086") != std::string::npos);
  CHECK(why.find("10086 was the only one who could take it") != std::string::npos);
  for (const auto& words : {std::vector<std::string>{"show", "queue", "care", "--json"},
                            {"show", "board", "--json"}, {"why", "C-1", "--json"}})
    CHECK(from_json(ok(words)));

  // The same fact, told live and read from the log beside the running engine.
  const auto told = real::run(to(e, {"tail", "offer.", "--from-start", "--count", "1", "--events",
                                     e.address("events")}));
  const auto read = real::run({"log", "read", "--data", data.path, "--type", "offer."});
  CHECK(told.code == 0);
  CHECK(from_json(told.out)->text_or("type") == "offer.made");
  CHECK(read.out == told.out);
  const auto stat = from_json(real::run({"log", "stat", "--data", data.path, "--json"}).out);
  REQUIRE(stat);
  CHECK(stat->find("types")->int_or("offer.made", 0) == 1);
  const auto verified = real::run({"log", "verify", "--data", data.path});
  CHECK(verified.code == 0);

  const auto refused = real::run(to(e, {"send", "contact.abandon", "contact=nobody"}));
  CHECK(refused.code == 1);
  CHECK(from_json(refused.out)->text_or("outcome") == "refused");
  CHECK(refused.err.find("There is no contact of this id.") != std::string::npos);
}

TEST_CASE("who follows from a position that is not there is told where the log ends", "[program]") {
  const real::data_folder data;
  real::engine e{data.path};
  const auto tail = real::run(
      to(e, {"tail", "--after", "9999", "--count", "1", "--events", e.address("events")}));
  CHECK(tail.code == 1);
  CHECK(tail.out.empty());
  CHECK(tail.err.find("the log ends at 2; there is no position 9999 yet") != std::string::npos);
  const auto read = real::run({"log", "read", "--data", data.path, "--after", "9999"});
  CHECK(read.code == 1);
  CHECK(read.err.find("the log ends at 2; there is no position 9999 yet") != std::string::npos);
  const auto rest = real::run({"log", "read", "--data", data.path, "--after", "2"});
  CHECK(rest.code == 0);
  CHECK(rest.out.empty());
}

TEST_CASE("a file of commands is sent line by line, and a wrong line is named", "[program]") {
  const real::data_folder data;
  real::engine e{data.path};
  const auto path = data.path + "-commands.jsonl";
  std::ofstream{path} << R"({"type":"queue.define","data":{"queue":"care"}})" << "\n\n"
                      << R"({"type":"contact.open","data":{"chanel":"phone"}})" << "\n"
                      << R"({"type":"queue.define","data":{"queue":"late"}})" << "\n";
  const auto told = real::run(to(e, {"send", "--file", path}));
  CHECK(told.code == 2);
  CHECK(told.err.find("line 3: contact.open has no field \"chanel\"") != std::string::npos);
  CHECK(real::run(to(e, {"show", "queue", "late"})).code == 1);
  CHECK(real::run(to(e, {"send", "--file", path, "--go-on"})).code == 2);
  CHECK(real::run(to(e, {"show", "queue", "late"})).code == 0);
  // Who wrote JSON is not told of another form.
  std::ofstream{path} << "queue.define\n";
  const auto no_json = real::run(to(e, {"send", "--file", path}));
  CHECK(no_json.code == 2);
  CHECK(no_json.err.find("line 1: The message is not a map that can be read. (no JSON at byte 1)")
        != std::string::npos);
  std::remove(path.c_str());
}

TEST_CASE("without an engine a question ends in a sentence, not in waiting", "[program]") {
  const auto told = real::run({"show", "board", "--commands", "tcp://127.0.0.1:9", "--timeout",
                               "0.2"});
  CHECK(told.code == 1);
  CHECK(told.err.find("tcp://127.0.0.1:9") != std::string::npos);
  CHECK(real::run({"log", "stat", "--data", "/no/such/folder"}).code != 0);
}
