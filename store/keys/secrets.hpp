#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "messages/result.hpp"
#include "store/event_log.hpp"

namespace careline::store {

/// 32 secret bytes, wiped when they go.
class secret_key {
public:
  secret_key() = default;
  secret_key(const secret_key&) = default;
  secret_key& operator=(const secret_key&) = default;
  ~secret_key();

  static secret_key random();
  /// Requires: 32 bytes.
  static secret_key of(std::string_view bytes);
  const unsigned char* data() const noexcept { return bytes_.data(); }
  std::string_view bytes() const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

private:
  std::array<unsigned char, 32> bytes_{};
};

using nonce24 = std::array<unsigned char, 24>;

/// Never gives the same one twice: 16 random bytes of this opening, then a count.
class nonce_source {
public:
  nonce_source();
  nonce24 next() noexcept;

private:
  std::array<unsigned char, 16> random_{};
  std::atomic<std::uint64_t> count_{0};
};

/// XChaCha20-Poly1305: appends nonce, ciphertext and tag to `out`.
void encrypt(const secret_key& key, const nonce24& nonce, std::string_view additional,
             std::string_view clear, std::string& out);
/// Nothing when any of it is not what was encrypted.
std::optional<std::string> decrypt(const secret_key& key, std::string_view additional,
                                   std::string_view nonce_and_rest);
inline constexpr std::size_t sealing_bytes = 24 + 16;

/// How a secret file is spoken of.
struct secret_words {
  std::string what;        ///< "master key"
  std::string if_missing;  ///< what it means, and what to do
};
/// The 32 secret bytes of `path`, or new ones (mode 0600, durable) when `may_make` and there are
/// none. Fails as `damaged` when it is gone or not 32 bytes, else as `io`.
result<secret_key, log_error> load_secret(const std::string& path, const secret_words& words,
                                          bool may_make);

/// The keys that come from the master key, each for one purpose.
struct master_keys {
  secret_key slots;    ///< seals the slots
  secret_key persons;  ///< keys the hash of persons
  secret_key commands; ///< keys the digest of remembered commands
};
/// The master key itself, for copying it; or what is wrong with it.
result<secret_key, log_error> read_master_key(const std::string& path);
result<secret_key, log_error> read_signing_key(const std::string& path);
result<secret_key, log_error> read_bus_key(const std::string& path);
/// Reads `path` (the data folder's `keys/bus.key`, by which the engine proves itself to the clients
/// of its bus), or makes it when `may_make`.
result<secret_key, log_error> load_bus_key(const std::string& path, bool may_make);
/// What comes from it.
master_keys keys_from(const secret_key& master);

/// The file of the master key in the folder of the keys, and that of one that is to take its place.
std::string master_file(const std::string& folder);
std::string next_master_file(const std::string& folder);
/// The master key is not kept beside what it seals, but in the environment (CARELINE_MASTER_KEY, 64
/// hexadecimal digits) or among the service manager's credentials (careline.master-key, 32 bytes).
bool is_master_elsewhere();
/// The master key from there, else from its file, made (mode 0600, durable) when `may_make`. Else
/// says what is wrong with it.
result<master_keys, log_error> load_master_keys(const std::string& folder, bool may_make);

/// The first 128 bits of a keyed hash, as digits.
std::string keyed_hash(const secret_key& key, std::string_view text);

} // namespace careline::store
