#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <sstream>

#include "messages/codec.hpp"
#include "messages/ids.hpp"

namespace careline {

namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string out;
  for (const int b : list)
    out += static_cast<char>(b);
  return out;
}

/// Why `unpack` said no; empty when it did not.
std::string refusal(const std::string& body) {
  const auto v = unpack(body);
  return v ? std::string{} : v.error().type + ": " + v.error().detail;
}

std::string nested_lists(std::size_t levels) {
  return std::string(levels, '\x91') + '\xc0';
}

std::string from_hex(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 3)
    out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return out;
}

rc::Gen<value> any_value(int depth) {
  using namespace rc;
  const auto text = gen::map(gen::container<std::string>(gen::inRange<char>(' ', '~')),
                             [](std::string s) { return value{std::move(s)}; });
  const auto number =
      gen::map(gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return value{n}; });
  const auto real = gen::map(gen::arbitrary<double>(), [](double d) { return value{d}; });
  const auto flag = gen::map(gen::arbitrary<bool>(), [](bool b) { return value{b}; });
  const auto blob = gen::map(gen::arbitrary<std::string>(),
                             [](std::string s) { return value{binary{std::move(s)}}; });
  if (depth == 0)
    return gen::oneOf(text, number, real, flag, blob, gen::just(value{}));
  const auto inner = any_value(depth - 1);
  const auto list = gen::map(gen::container<value::list>(inner),
                             [](value::list l) { return value{std::move(l)}; });
  const auto map = gen::map(gen::container<value::list>(inner), [](const value::list& l) {
    value m{value::map{}};
    for (std::size_t i = 0; i < l.size(); ++i)
      m.add("k" + std::to_string(i), l[i]);
    return m;
  });
  return gen::oneOf(text, number, real, flag, blob, list, map);
}

bool holds(const value& v, const nlohmann::json& said) {
  if (said.is_null())
    return v.is_nil();
  if (said.is_boolean())
    return v.as<bool>() && *v.as<bool>() == said.get<bool>();
  if (said.is_number())
    return v.is_number() && v.to_double() == said.get<double>();
  if (said.is_string())
    return v.as<std::string>() && *v.as<std::string>() == said.get<std::string>();
  if (said.is_array()) {
    const auto* items = v.as<value::list>();
    if (!items || items->size() != said.size())
      return false;
    for (std::size_t i = 0; i < said.size(); ++i)
      if (!holds((*items)[i], said[i]))
        return false;
    return true;
  }
  for (const auto& [key, item] : said.items())
    if (!v.find(key) || !holds(*v.find(key), item))
      return false;
  return v.is_map() && v.as<value::map>()->size() == said.size();
}

} // namespace

TEST_CASE("any value comes back from its bytes as it was") {
  CHECK(rc::check([] {
    const auto v = *any_value(3);
    const auto read = unpack(pack(v), std::size_t{1} << 24U);
    RC_ASSERT(read);
    RC_ASSERT(pack(*read) == pack(v));
  }));
}

TEST_CASE("one number has one form: the smallest") {
  CHECK(pack(value{0}) == bytes({0x00}));
  CHECK(pack(value{127}) == bytes({0x7f}));
  CHECK(pack(value{128}) == bytes({0xcc, 0x80}));
  CHECK(pack(value{-1}) == bytes({0xff}));
  CHECK(pack(value{-33}) == bytes({0xd0, 0xdf}));
  CHECK(pack(value{std::uint64_t{65536}}) == bytes({0xce, 0, 1, 0, 0}));
  CHECK(pack(value{std::numeric_limits<std::uint64_t>::max()})
        == bytes({0xcf, 255, 255, 255, 255, 255, 255, 255, 255}));
  CHECK(pack(value{0.5}) == bytes({0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("sixteen levels are read and a seventeenth is refused") {
  CHECK(refusal(nested_lists(depth_max)).empty());
  CHECK(refusal(nested_lists(depth_max + 1)) == "command.malformed: deeper than 16 levels");
  CHECK(refusal(nested_lists(60'000)) == "command.malformed: deeper than 16 levels");
}

TEST_CASE("what the engine says may be twice as deep as what it is told, and no deeper") {
  CHECK(unpack_said(nested_lists(said_depth_max), 1'000));
  CHECK(unpack_own(nested_lists(said_depth_max)));
  for (const auto& v : {unpack_said(nested_lists(said_depth_max + 1), 1'000),
                        unpack_own(nested_lists(said_depth_max + 1))}) {
    REQUIRE_FALSE(v);
    CHECK(v.error().detail == "deeper than 32 levels");
  }
  CHECK(unpack_said(std::string(1'001, '\xc0'), 1'000).error().type == "command.too_large");
}

TEST_CASE("a body of 64 KiB is read and one byte more is too large") {
  const auto body = [](std::size_t size) {
    return pack(value{std::string(size - 3, 'x')}); // str16: three bytes of head
  };
  CHECK(refusal(body(body_bytes_max - 2).substr(0)).empty());
  CHECK(refusal(std::string(body_bytes_max + 1, '\xc0')) == "command.too_large: ");
  CHECK(unpack(body(60'000), 1'000).error().type == "command.too_large");
}

TEST_CASE("a head that promises four billion items gets no memory") {
  CHECK(refusal(bytes({0xdd, 0xff, 0xff, 0xff, 0xff}))
        == "command.malformed: more than 4096 items");
  CHECK(refusal(bytes({0xdf, 0xff, 0xff, 0xff, 0xff}))
        == "command.malformed: more than 4096 items");
  CHECK_FALSE(refusal(bytes({0xdb, 0xff, 0xff, 0xff, 0xff})).empty());
  CHECK_FALSE(refusal(bytes({0xc6, 0xff, 0xff, 0xff, 0xff})).empty());
  CHECK_FALSE(refusal(bytes({0xc9, 0xff, 0xff, 0xff, 0xff, 1})).empty());
  value::list many(items_max);
  CHECK(refusal(pack(value{many})).empty());
  many.emplace_back();
  CHECK(refusal(pack(value{many})) == "command.malformed: more than 4096 items");
}

TEST_CASE("a map that says one key twice is refused, so that no two readers read it two ways") {
  CHECK(refusal(bytes({0x82, 0xa1, 'a', 1, 0xa1, 'a', 2}))
        == "command.malformed: the key \"a\" stands twice");
}

TEST_CASE("a refusal that names a long key can be read by who is told it") {
  for (std::size_t before = 0; before < 3; ++before) {
    std::string key(before, 'x');
    for (int i = 0; i < 40; ++i)
      key += "投";
    const auto read = unpack(pack(value{value::map{{key, 1}, {key, 2}}}));
    REQUIRE_FALSE(read);
    INFO(read.error().detail);
    CHECK(is_valid_utf8(read.error().detail));
    CHECK(read.error().detail.find("投") != std::string::npos);
  }
}

TEST_CASE("in a map of 4,096 keys the one that stands twice is found, wherever it stands") {
  value::map many;
  for (std::size_t i = 0; i + 1 < items_max; ++i)
    many.emplace_back("k" + std::to_string(i), value{1});
  for (const auto* twice : {"k0", "k1000", "k4094"}) {
    auto entries = many;
    entries.emplace_back(twice, value{2});
    CHECK(refusal(pack(value{entries}))
          == "command.malformed: the key \"" + std::string{twice} + "\" stands twice");
  }
  many.emplace_back("another", value{2});
  CHECK(refusal(pack(value{many})).empty());
}

TEST_CASE("keys that are no text are refused") {
  CHECK(refusal(bytes({0x81, 0x01, 0x02})) == "command.malformed: a key that is no text");
  CHECK(refusal(bytes({0x81, 0x90, 0x02})) == "command.malformed: a key that is no text");
  CHECK(refusal(bytes({0x81, 0xc0, 0x02})) == "command.malformed: a key that is no text");
  CHECK(refusal(bytes({0x81, 0xc4, 0x01, 'a', 0x02}))
        == "command.malformed: a key that is no text");
}

TEST_CASE("bytes before the end and after the end of the value are refused") {
  CHECK(refusal({}) == "command.malformed: the bytes end at 0, too early");
  CHECK_FALSE(refusal(bytes({0x81})).empty());
  CHECK_FALSE(refusal(bytes({0xa5, 'a', 'b'})).empty());
  CHECK(refusal(bytes({0xc0, 0xc0})) == "command.malformed: bytes after the end of the value");
  CHECK(refusal(bytes({0x80, 0x00})) == "command.malformed: bytes after the end of the value");
}

TEST_CASE("extension types and the byte that is never used are refused") {
  CHECK(refusal(bytes({0xd4, 0x01, 0x00})) == "command.malformed: an extension type");
  CHECK(refusal(bytes({0xd6, 0xff, 0, 0, 0, 0})) == "command.malformed: an extension type");
  CHECK_FALSE(refusal(bytes({0xc1})).empty());
}

TEST_CASE("text must be UTF-8, as a value and as a key") {
  CHECK(refusal(bytes({0xa2, 0xc3, 0x28})) == "command.malformed: text that is no UTF-8");
  CHECK(refusal(bytes({0xa2, 0xc0, 0x80})) == "command.malformed: text that is no UTF-8");
  CHECK(refusal(bytes({0xa3, 0xed, 0xa0, 0x80})) == "command.malformed: text that is no UTF-8");
  CHECK(refusal(bytes({0x81, 0xa1, 0xff, 0x01})) == "command.malformed: text that is no UTF-8");
  CHECK(refusal(pack(value{"投诉"})).empty());
}

TEST_CASE("whatever bytes arrive, the answer is a value or a no, and a value is written as read") {
  CHECK(rc::check([](const std::string& noise) {
    if (const auto v = unpack(noise)) {
      const auto again = unpack(pack(*v));
      RC_ASSERT(again);
      RC_ASSERT(pack(*again) == pack(*v));
    }
  }));
}

TEST_CASE("MessagePack's own vectors are read as they say") {
  const auto file =
      std::filesystem::path{CARELINE_SHARED_DATA} / "protocol/msgpack/msgpack-test-suite_a.json";
  if (!std::filesystem::exists(file)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  std::ifstream in{file};
  const auto suite = nlohmann::json::parse(in);
  int read = 0;
  for (const auto& [name, vectors] : suite.items())
    for (const auto& vector : vectors)
      for (const auto& form : vector.at("msgpack")) {
        INFO(name << " " << vector.dump());
        const auto v = unpack(from_hex(form.get<std::string>()));
        if (vector.contains("ext") || vector.contains("timestamp")) {
          CHECK_FALSE(v);
          continue;
        }
        REQUIRE(v);
        ++read;
        if (vector.contains("binary"))
          CHECK(v->as<binary>()->bytes == from_hex(vector.at("binary").get<std::string>()));
        else if (vector.contains("bignum"))
          CHECK(pack(*unpack(pack(*v))) == pack(*v));
        else
          for (const auto* kind : {"nil", "bool", "number", "string", "array", "map"})
            if (vector.contains(kind))
              CHECK(holds(*v, vector.at(kind)));
      }
  CHECK(read > 50);
}

} // namespace careline
