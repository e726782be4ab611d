#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "store/keys/secrets.hpp"

namespace careline::store {
namespace {

std::string bytes_of(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return out;
}

} // namespace

TEST_CASE("what seals a person's values does what XChaCha20-Poly1305 does, and opens nothing else",
          "[R9.1.2b]") {
  // Project Wycheproof's vectors (origin and licence: the README beside them).
  std::ifstream file{CARELINE_SHARED_DATA "/protocol/xchacha20poly1305/wycheproof_odd.json"};
  if (!file) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  const auto all = nlohmann::json::parse(file);
  int opened = 0, refused = 0;
  for (const auto& group : all.at("testGroups"))
    for (const auto& test : group.at("tests")) {
      const auto part = [&](const char* name) { return bytes_of(test.at(name)); };
      INFO("vector " << test.at("tcId") << " " << test.at("comment"));
      const auto key = secret_key::of(part("key"));
      const auto nonce = part("iv");
      const auto sealed = nonce + part("ct") + part("tag");
      const auto clear = decrypt(key, part("aad"), sealed);
      if (test.at("result") != "valid") {
        CHECK_FALSE(clear);
        ++refused;
        continue;
      }
      REQUIRE(clear);
      CHECK(*clear == part("msg"));
      nonce24 same{};
      REQUIRE(nonce.size() == same.size());
      std::copy(nonce.begin(), nonce.end(), same.begin());
      std::string again;
      encrypt(key, same, part("aad"), part("msg"), again);
      CHECK(again == sealed);
      ++opened;
    }
  CHECK(opened + refused == all.at("numberOfTests"));
  CHECK(opened > 100);
}

} // namespace careline::store
