#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "messages/codec.hpp"
#include "messages/json.hpp"
#include "tests/messages/examples.hpp"

// Bytes of every event, written down when it was born: an old log is read for ever. A golden file
// is never edited. When an event gains a field, count its `version` up and set
// CARELINE_WRITE_GOLDEN=1 once: the next version's file is written beside the old ones, which must
// go on being read.

namespace careline {

namespace fs = std::filesystem;

namespace {

const fs::path golden_folder = fs::path{CARELINE_SOURCE_DIR} / "tests/messages/golden";

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
    if (i % 32 == 31 || i + 1 == bytes.size())
      out += '\n';
  }
  return out;
}

std::string from_hex_file(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  std::string out;
  int high = -1;
  for (const char c : text.str()) {
    if (c == '\n')
      continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  return out;
}

fs::path golden_file(std::string_view type, int version) {
  return golden_folder / (std::string{type} + ".v" + std::to_string(version) + ".hex");
}

int newest_version(std::string_view type) {
  int version = 0;
  while (fs::exists(golden_file(type, version + 1)))
    ++version;
  return version;
}

std::string bytes_of(event e) {
  clear_sealer with;
  REQUIRE(seal(e, with));
  return pack_data(e);
}

/// Everything that `old` says is said by `now` too.
bool keeps(const value& old, const value& now) {
  if (const auto* entries = old.as<value::map>()) {
    for (const auto& [key, item] : *entries) {
      const auto* same = now.find(key);
      if (!same || !keeps(item, *same))
        return false;
    }
    return true;
  }
  const auto* items = old.as<value::list>();
  const auto* others = now.as<value::list>();
  if (!items || !others)
    return old == now;
  if (items->size() != others->size())
    return false;
  for (std::size_t i = 0; i < items->size(); ++i)
    if (!keeps((*items)[i], (*others)[i]))
      return false;
  return true;
}

} // namespace

TEST_CASE("an event written by any earlier version is still read, with all it says") {
  for (const auto& example : test::example_events()) {
    const auto type = type_of(example);
    for (int version = 1; version <= newest_version(type); ++version) {
      INFO(type << " version " << version);
      const auto old = unpack(from_hex_file(golden_file(type, version)));
      REQUIRE(old);
      const auto read = read_event(type, *old);
      REQUIRE(read);
      CHECK(keeps(*old, data_of(*read, false)));
      const auto direct = unpack_event(type, from_hex_file(golden_file(type, version)));
      REQUIRE(direct);
      CHECK(data_of(*direct, false) == data_of(*read, false));
    }
  }
}

TEST_CASE("an event is written byte for byte as its newest golden file says") {
  const bool write = std::getenv("CARELINE_WRITE_GOLDEN") != nullptr;
  for (const auto& example : test::example_events()) {
    const auto type = type_of(example);
    const auto bytes = bytes_of(example);
    const int version = newest_version(type);
    if (write && (version == 0 || from_hex_file(golden_file(type, version)) != bytes))
      std::ofstream{golden_file(type, version + 1)} << to_hex(bytes);
    INFO(type
         << ": no golden file, or its bytes differ; a changed event needs a new version's file");
    const int newest = newest_version(type);
    REQUIRE(newest > 0);
    CHECK(newest == version_of(example));
    CHECK(to_hex(from_hex_file(golden_file(type, newest))) == to_hex(bytes));
  }
}

TEST_CASE("no golden file is left of an event that nobody can read any more") {
  const auto types = event_types();
  for (const auto& entry : fs::directory_iterator{golden_folder}) {
    const auto name = entry.path().stem().stem().string();
    INFO(entry.path().filename().string());
    CHECK(std::find(types.begin(), types.end(), name) != types.end());
  }
}

} // namespace careline
