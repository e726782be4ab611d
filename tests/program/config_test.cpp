#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "messages/ids.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/terminal.hpp"

// What an operator gets wrong in a configuration, without an engine. What a whole one does is in
// command_line_test.cpp and serve_test.cpp.

namespace careline::program {

namespace {

/// A file that is there as long as this lives.
class config_file {
public:
  explicit config_file(const std::string& text)
      : path_((std::filesystem::temp_directory_path()
               / ("careline-config-" + std::to_string(::getpid()) + ".toml"))
                  .string()) {
    std::ofstream{path_, std::ios::binary} << text;
  }
  ~config_file() { std::filesystem::remove(path_); }
  config_file(const config_file&) = delete;
  config_file& operator=(const config_file&) = delete;

  result<loaded_config, std::string> load() const { return load_config({{{"config", path_}}, {}}); }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace

TEST_CASE("a file that is not TOML is refused with its line, whatever is in it", "[program]") {
  using namespace std::string_literals;
  for (const auto& broken : {"[\x01]"s, "[[\x01]]"s, "[=]"s, "a = [1,"s, "[a]]"s, "= 1"s, "[\x7f"s,
                             "\xff"s, "a = \"\x1b[31m\""s, "a = Zürich"s, "é = 1"s, "ɚ"s}) {
    const config_file file{"speed = 2\n\n" + broken + "\nhttp = \"127.0.0.1:0\"\n"};
    const auto loaded = file.load();
    INFO(printable(broken));
    REQUIRE_FALSE(loaded);
    INFO(loaded.error());
    CHECK_THAT(loaded.error(), Catch::StartsWith(file.path() + ":"));
    CHECK_THAT(loaded.error(), Catch::Contains("this is not TOML"));
    CHECK(printable(loaded.error()) == loaded.error());
  }
  const config_file file{"speed = 2\n\n[\x01]\n"};
  CHECK_THAT(file.load().error(), Catch::StartsWith(file.path() + ":3: "));
}

TEST_CASE("a setting with control characters is refused, and does not drive the terminal",
          "[program]") {
  for (const auto* text : {"\"external:\\u001b[31m\"", "\"external:a\\nb\""}) {
    const config_file file{std::string{"[reception]\nfallback = "} + text + "\n"};
    const auto loaded = file.load();
    REQUIRE_FALSE(loaded);
    INFO(loaded.error());
    CHECK_THAT(loaded.error(), Catch::Contains(":2: \"reception.fallback\" must be text"));
    CHECK(printable(loaded.error()) == loaded.error());
  }
  const config_file file{"\"\\u001b[31m\" = 1\n"};
  CHECK(file.load().error().find('\x1b') == std::string::npos);
}

TEST_CASE("a name that begins like a loopback address is none", "[program]") {
  const auto loaded = load_config({{{"http", "127.0.0.1.example.org:80"}}, {}});
  REQUIRE_FALSE(loaded);
  CHECK_THAT(loaded.error(), Catch::Contains("which other machines can reach"));
  const auto own = load_config({{{"http", "127.1.2.3:80"}, {"events", "tcp://[::1]:0"}}, {}});
  REQUIRE(own);
  CHECK_FALSE(needs_keys(own->values));
}

TEST_CASE("a bus that others can reach needs keys, one on loopback where that is asked for",
          "[program]") {
  for (const auto& [key, text] :
       {std::pair{"commands", "tcp://0.0.0.0:0"}, {"events", "tcp://127.0.0.1.example.org:1"},
        {"secure", "true"}}) {
    const auto loaded = load_config({{{key, text}}, {}});
    REQUIRE(loaded);
    INFO(key);
    CHECK(needs_keys(loaded->values));
  }
  CHECK_FALSE(needs_keys(load_config({})->values));
}

TEST_CASE("a place that is no UTF-8 is not told to every gateway", "[program]") {
  const auto loaded =
      load_config({{}, {{"CARELINE_RECEPTION_FALLBACK", "external:caf\xe9"}}});
  REQUIRE_FALSE(loaded);
  INFO(loaded.error());
  CHECK_THAT(loaded.error(), Catch::StartsWith("CARELINE_RECEPTION_FALLBACK: must be text"));
  CHECK(is_valid_utf8(loaded.error()));
}

TEST_CASE("what is printed is text, whatever it was made of", "[program]") {
  for (const auto* text : {"\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe0\x80\x80", "a\xe9"})
    CHECK(is_valid_utf8(printable(text)));
  CHECK(printable("投诉 ok") == "投诉 ok");
}

} // namespace careline::program
