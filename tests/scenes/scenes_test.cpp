#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tools/careline/scenario_play.hpp"

// Plays each *.scene of this folder in a virtual centre, with the code that serves. A scene is a
// conversation by a clause of the operations guide, one thing a line:
//
//   # why                              a remark; [R2.1.6] in it names the requirement it proves
//   @ 15                               the time from now on, in seconds after 9:00 on a Monday
//   > phone-1: contact.open {"…":…}    what arrives, and from whom
//   = queue_position=1                 what its sender is told
//   ! routing.unknown_queue            … or why not
//   < contact.queued contact=C1        what leaves: every event, in order, with these fields
//
// A key with dots looks into maps and lists. A personal value can be seen here: nothing is sealed.

using namespace careline;

namespace {

const instant nine = from_ms(1'772'413'200'000);

class stage {
public:
  explicit stage(std::filesystem::path file)
      : file_(std::move(file)),
        centre_({nine, 1, "Asia/Shanghai", 480},
                [this](const kernel::logged_event& e) { left_.push_back(e); }, {}, true) {
    left_.clear(); // log.created
  }

  void play() {
    std::ifstream in{file_};
    REQUIRE(in);
    for (std::string line; std::getline(in, line);) {
      ++number_;
      INFO(file_.filename().string() << ":" << number_ << ": " << line);
      take(line);
    }
    nothing_else_left();
  }

private:
  void take(const std::string& line) {
    if (line.empty() || line[0] == '#')
      return;
    REQUIRE(line.size() > 2);
    const auto rest = line.substr(2);
    switch (line[0]) {
      case '@': return wait_until(rest);
      case '>': return arrive(rest);
      case '=': return was_told(rest);
      case '!': return was_refused(rest);
      case '<': return leave(rest);
      default: FAIL("a line begins with one of # @ > = ! <");
    }
  }

  void nothing_else_left() {
    for (const auto& e : left_)
      FAIL_CHECK("left as well: " << type_of(e.what) << " " << to_json(data_of(e.what, true)));
    left_.clear();
    if (last_.why)
      FAIL_CHECK("was refused: " << last_.why->type);
  }

  void wait_until(const std::string& seconds) {
    nothing_else_left();
    at_ = nine + from_seconds(std::stod(seconds));
    centre_.run_until(at_);
  }

  void arrive(const std::string& what) {
    nothing_else_left();
    const auto colon = what.find(": ");
    const auto space = what.find(' ', colon + 2);
    REQUIRE(colon != std::string::npos);
    command_envelope e;
    e.source = what.substr(0, colon);
    e.type = what.substr(colon + 2, space - colon - 2);
    auto data = from_json(space == std::string::npos ? "{}" : what.substr(space + 1));
    REQUIRE(data);
    e.data = std::move(*data);
    const auto c = read_command(e.type, e.data);
    INFO((c ? std::string{} : c.error().type + " " + c.error().field + " " + c.error().detail));
    REQUIRE(c);
    last_ = centre_.engine().submit(*c, e.source, at_);
  }

  void was_told(const std::string& fields) { compare(last_.data, fields); }

  void was_refused(const std::string& code) {
    REQUIRE(last_.why);
    CHECK(last_.why->type == code);
    last_.why.reset();
  }

  void leave(const std::string& what) {
    REQUIRE_FALSE(left_.empty());
    const auto e = left_.front();
    left_.erase(left_.begin());
    const auto space = what.find(' ');
    CHECK(type_of(e.what) == what.substr(0, space));
    if (space != std::string::npos)
      compare(data_of(e.what, true), what.substr(space + 1));
  }

  static void compare(const value& data, const std::string& fields) {
    INFO("is " << to_json(data));
    std::istringstream in{fields};
    for (std::string field; in >> field;) {
      const auto equals = field.find('=');
      REQUIRE(equals != std::string::npos);
      CHECK(text_at(data, field.substr(0, equals)) == field.substr(equals + 1));
    }
  }

  static std::string text_at(const value& data, const std::string& path) {
    const auto* at = &data;
    std::istringstream in{path};
    for (std::string key; at && std::getline(in, key, '.');) {
      const auto* list = at->as<value::list>();
      if (!list)
        at = at->find(key);
      else
        at = std::stoul(key) < list->size() ? &(*list)[std::stoul(key)] : nullptr;
    }
    if (!at)
      return "(nothing)";
    return at->is_text() ? *at->as<std::string>() : to_json(*at);
  }

  std::filesystem::path file_;
  int number_ = 0;
  instant at_ = nine;
  std::vector<kernel::logged_event> left_;
  reply last_;
  program::virtual_centre centre_;
};

} // namespace

TEST_CASE("each scene of the guide is played as it is written") {
  std::set<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{CARELINE_SOURCE_DIR "/tests/scenes"})
    if (file.path().extension() == ".scene")
      files.insert(file.path());
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files)
    stage{file}.play();
}
