#include "gateway/bus/client_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <zmq.h>

#include "messages/ids.hpp"
#include "messages/z85.hpp"

namespace careline::gateway::bus {

namespace {

constexpr std::size_t file_bytes_max = 4096;

using key_text = std::array<char, z85_key_size + 1>;

std::string quoted(const std::string& text) {
  std::string out{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

/// What stands between the quotes; nothing where it is no such text.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && ++i + 1 == text.size())
      return std::nullopt;
    out += text[i];
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto from = text.find_first_not_of(blank);
  if (from == text.npos)
    return {};
  return text.substr(from, text.find_last_not_of(blank) - from + 1);
}

std::string because_of(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

/// Its text, where only its owner may read it.
result<std::string, std::string> read_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0)
    return no(because_of("cannot read the key file " + path));
  struct stat about {};
  std::string text(file_bytes_max, '\0');
  const bool known = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  const auto size = known ? ::read(file, text.data(), text.size()) : -1;
  ::close(file);
  if (size < 0)
    return no("cannot read the key file " + path);
  if ((about.st_mode & 077U) != 0)
    return no("the key file " + path + " may be read by others; allow its owner only (chmod 600)");
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::map<std::string, std::string> lines_of(const std::string& text) {
  std::map<std::string, std::string> out;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    const auto word = trimmed(std::string_view{line}.substr(0, equals));
    if (word.empty() || word.front() == '#' || equals == std::string::npos)
      continue;
    if (auto item = unquoted(trimmed(std::string_view{line}.substr(equals + 1))))
      out[std::string{word}] = std::move(*item);
  }
  return out;
}

} // namespace

key_pair make_key_pair() {
  key_text shown{}, hidden{};
  if (zmq_curve_keypair(shown.data(), hidden.data()) != 0)
    throw std::runtime_error{"ZeroMQ was built without keys"};
  return {shown.data(), hidden.data()};
}

std::string public_half_of(const std::string& secret_key) {
  key_text shown{};
  if (!is_z85_key(secret_key) || zmq_curve_public(shown.data(), secret_key.c_str()) != 0)
    return {};
  return shown.data();
}

result<client_key, std::string> read_client_key(const std::string& path) {
  const auto text = read_private(path);
  if (!text)
    return no(text.error());
  auto lines = lines_of(*text);
  client_key key{lines["client"], lines["public"], lines["secret"], lines["server"]};
  const auto missing = !is_valid_id(key.client)           ? "client"
                       : !is_z85_key(key.public_key)      ? "public"
                       : !is_z85_key(key.secret_key)      ? "secret"
                       : !is_z85_key(key.server_key)      ? "server"
                                                          : nullptr;
  if (missing)
    return no("the key file " + path + " has no sound line \"" + missing + "\"");
  if (public_half_of(key.secret_key) != key.public_key)
    return no("in the key file " + path + " the public key is not the secret one's");
  return key;
}

result<void, std::string> write_client_key(const std::string& path, const client_key& key) {
  const auto text = "# A client's key for Careline. Who reads this file can speak as the client.\n"
                    "client = " + quoted(key.client) + "\npublic = " + quoted(key.public_key)
                    + "\nsecret = " + quoted(key.secret_key) + "\nserver = "
                    + quoted(key.server_key) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return no(because_of("cannot make the key file " + path));
  const bool written = ::fchmod(file, 0600) == 0
                       && ::write(file, text.data(), text.size())
                              == static_cast<ssize_t>(text.size())
                       && ::fsync(file) == 0;
  const auto why = because_of("cannot write the key file " + path);
  ::close(file);
  if (written)
    return {};
  ::unlink(path.c_str());
  return no(why);
}

} // namespace careline::gateway::bus
