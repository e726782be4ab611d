#include "store/keys/secrets.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/hash.hpp"
#include "store/sync_path.hpp"

namespace careline::store {

namespace {

static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == sizeof(nonce24));
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == 16);
static_assert(crypto_kdf_KEYBYTES == 32);

constexpr char kdf_context[] = "carelin1";
constexpr std::uint64_t slots_purpose = 1;
constexpr std::uint64_t persons_purpose = 2;
constexpr std::uint64_t commands_purpose = 3;

const unsigned char* raw(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

log_error because_of(const std::string& doing) {
  return {log_fault::io, doing + ": " + std::strerror(errno)};
}

secret_key derive(const secret_key& master, std::uint64_t purpose) {
  std::array<unsigned char, 32> bytes;
  crypto_kdf_derive_from_key(bytes.data(), bytes.size(), purpose, kdf_context, master.data());
  auto key = secret_key::of(bytes_of(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

/// Under its name only when it is whole and on disk: half a key would look like a wrong one.
result<secret_key, log_error> make_secret(const std::string& path, const std::string& what) {
  const auto key = secret_key::random();
  const auto unfinished = path + ".tmp";
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return no(because_of("cannot make the " + what + " " + path));
  const bool written =
      ::fchmod(file, 0600) == 0
      && ::write(file, key.data(), key.bytes().size()) == static_cast<ssize_t>(key.bytes().size())
      && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    ::unlink(unfinished.c_str());
    return no(because_of("cannot write the " + what + " " + path));
  }
  // A name that a power cut takes back would leave what is sealed under it closed for ever.
  if ((errno = sync_path(folder_of(path))) != 0) {
    auto why = because_of("cannot make the " + what + " " + path + " durable");
    ::unlink(path.c_str());
    return no(std::move(why));
  }
  return key;
}

result<secret_key, log_error> read_secret(const std::string& path, const std::string& what) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return no(because_of("cannot read the " + what + " " + path));
  struct stat about {};
  std::array<char, 33> bytes{};
  const bool known = ::fstat(file, &about) == 0;
  const auto size = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  if (!known || size != 32)
    return no(log_error{log_fault::damaged, "the " + what + " " + path + " is not 32 bytes long: "
                                                "it is damaged or another file"});
  if ((about.st_mode & 077U) != 0)
    return no(log_error{log_fault::io, "the " + what + " " + path + " may be read by others; "
                                           "allow its owner only (chmod 600)"});
  auto key = secret_key::of({bytes.data(), 32});
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

const char* master_in_environment() {
  const char* given = std::getenv("CARELINE_MASTER_KEY");
  return given && *given ? given : nullptr;
}

/// The path of the service manager's credential, where it gave one.
std::string master_credential() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  auto path = folder ? std::string{folder} + "/careline.master-key" : std::string{};
  return !path.empty() && ::access(path.c_str(), F_OK) == 0 ? path : std::string{};
}

result<secret_key, log_error> from_hex(const char* digits) {
  std::array<unsigned char, 32> bytes{};
  std::size_t size = 0;
  const char* end = nullptr;
  const auto length = std::strlen(digits);
  if (sodium_hex2bin(bytes.data(), bytes.size(), digits, length, nullptr, &size, &end) != 0
      || size != bytes.size() || end != digits + length)
    return no(log_error{log_fault::damaged,
                        "CARELINE_MASTER_KEY is not 64 hexadecimal digits"});
  auto key = secret_key::of(bytes_of(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

} // namespace

secret_key::~secret_key() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

secret_key secret_key::random() {
  secret_key key;
  randombytes_buf(key.bytes_.data(), key.bytes_.size());
  return key;
}

secret_key secret_key::of(std::string_view bytes) {
  secret_key key;
  std::memcpy(key.bytes_.data(), bytes.data(), key.bytes_.size());
  return key;
}

nonce_source::nonce_source() {
  randombytes_buf(random_.data(), random_.size());
}

nonce24 nonce_source::next() noexcept {
  nonce24 nonce;
  std::memcpy(nonce.data(), random_.data(), random_.size());
  const auto count = count_.fetch_add(1, std::memory_order_relaxed);
  std::memcpy(nonce.data() + random_.size(), &count, sizeof count);
  return nonce;
}

void encrypt(const secret_key& key, const nonce24& nonce, std::string_view additional,
             std::string_view clear, std::string& out) {
  out += bytes_of(nonce);
  const auto from = out.size();
  out.resize(from + clear.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(out.data() + from), nullptr, raw(clear), clear.size(),
      raw(additional), additional.size(), nullptr, nonce.data(), key.data());
}

std::optional<std::string> decrypt(const secret_key& key, std::string_view additional,
                                   std::string_view nonce_and_rest) {
  if (nonce_and_rest.size() < sealing_bytes)
    return std::nullopt;
  const auto rest = nonce_and_rest.substr(sizeof(nonce24));
  std::string clear(rest.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(clear.data()), nullptr, nullptr, raw(rest), rest.size(),
          raw(additional), additional.size(), raw(nonce_and_rest), key.data())
      != 0)
    return std::nullopt;
  return clear;
}

result<secret_key, log_error> read_master_key(const std::string& path) {
  return read_secret(path, "master key");
}

result<secret_key, log_error> read_signing_key(const std::string& path) {
  return read_secret(path, "signing key");
}

result<secret_key, log_error> read_bus_key(const std::string& path) {
  return read_secret(path, "bus key");
}

result<secret_key, log_error> load_bus_key(const std::string& path, bool may_make) {
  return load_secret(
      path, {"bus key", "an engine that serves this folder with keys makes it at its start"},
      may_make);
}

result<secret_key, log_error> load_secret(const std::string& path, const secret_words& words,
                                          bool may_make) {
  if (sodium_init() < 0)
    return no(log_error{log_fault::io, "the system gives no random numbers"});
  const bool exists = ::access(path.c_str(), F_OK) == 0;
  if (!exists && !may_make)
    return no(log_error{log_fault::damaged,
                        "the " + words.what + " " + path + " is missing: " + words.if_missing});
  return exists ? read_secret(path, words.what) : make_secret(path, words.what);
}

master_keys keys_from(const secret_key& master) {
  return {derive(master, slots_purpose), derive(master, persons_purpose),
          derive(master, commands_purpose)};
}

std::string master_file(const std::string& folder) {
  return folder + "/master.key";
}

std::string next_master_file(const std::string& folder) {
  return folder + "/master.key.next";
}

bool is_master_elsewhere() {
  return master_in_environment() != nullptr || !master_credential().empty();
}

result<master_keys, log_error> load_master_keys(const std::string& folder, bool may_make) {
  if (sodium_init() < 0)
    return no(log_error{log_fault::io, "the system gives no random numbers"});
  const auto credential = master_credential();
  const auto master =
      master_in_environment() ? from_hex(master_in_environment())
      : !credential.empty()
          ? read_secret(credential, "master key")
          : load_secret(master_file(folder),
                        {"master key", "nothing sealed can be opened without it; put it back"},
                        may_make);
  if (!master)
    return no(master.error());
  return keys_from(*master);
}

std::string keyed_hash(const secret_key& key, std::string_view text) {
  std::array<unsigned char, 16> hash;
  crypto_generichash(hash.data(), hash.size(), raw(text), text.size(), key.data(),
                     key.bytes().size());
  return to_hex(bytes_of(hash));
}

} // namespace careline::store
