#include "tests/program/page_client.hpp"

#include <arpa/inet.h>
#include <array>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace careline::program_test {

namespace {

page request(const std::string& address, const std::string& what, std::string_view body) {
  const auto port = std::stoi(address.substr(address.rfind(':') + 1));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  const auto text = what + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: "
                    + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
  REQUIRE(send(s, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  std::string all;
  std::array<char, 4096> some{};
  for (auto n = read(s, some.data(), some.size()); n > 0; n = read(s, some.data(), some.size()))
    all.append(some.data(), static_cast<std::size_t>(n));
  close(s);
  const auto head = all.find("\r\n\r\n");
  REQUIRE(head != std::string::npos);
  return {std::stoi(all.substr(all.find(' ') + 1)), all.substr(head + 4)};
}

} // namespace

page get(const std::string& address, const std::string& path) {
  return request(address, "GET " + path, {});
}

page ask(const std::string& address, std::string_view json) {
  return request(address, "POST /api/query", json);
}

} // namespace careline::program_test
