#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "messages/catalogue.hpp"
#include "messages/vocabulary.hpp"

using namespace careline;

TEST_CASE("docs/events.md says what the field lists say") {
  const auto file = std::string{CARELINE_SOURCE_DIR} + "/docs/events.md";
  if (std::getenv("CARELINE_WRITE_GOLDEN"))
    std::ofstream{file} << catalogue();
  std::ifstream in{file};
  std::stringstream written;
  written << in.rdbuf();
  INFO("careline catalogue > docs/events.md writes it anew");
  CHECK(written.str() == catalogue());
}

TEST_CASE("the catalogue leaves no message out") {
  const auto all = catalogue();
  for (const auto type : command_types())
    CHECK(all.find("\n### " + std::string{type} + "\n") != std::string::npos);
  for (const auto type : event_types())
    CHECK(all.find("\n### " + std::string{type} + "\n") != std::string::npos);
}
