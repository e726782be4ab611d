#include "tests/gateway/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace careline::test {

http_client::http_client(const std::string& address, int receive_buffer) {
  const auto colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer > 0)
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int each_by_itself = 1;  // what is sent in parts comes in parts
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &each_by_itself, sizeof each_by_itself);
  const timeval wait{10, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("no connection to " + address);
}

http_client::~http_client() {
  ::close(socket_);
}

void http_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool http_client::read_more() {
  char chunk[16 * 1024];
  const auto n = ::recv(socket_, chunk, sizeof chunk, 0);
  if (n <= 0)
    return false;
  buffer_.append(chunk, static_cast<std::size_t>(n));
  return true;
}

std::string http_client::receive_until(std::string_view mark) {
  for (;;) {
    if (const auto at = buffer_.find(mark); at != std::string::npos) {
      auto taken = buffer_.substr(0, at + mark.size());
      buffer_.erase(0, taken.size());
      return taken;
    }
    if (!read_more())
      return {};
  }
}

http_reply http_client::receive(bool head) {
  http_reply r;
  const auto top = receive_until("\r\n\r\n");
  if (top.empty())
    return r;
  r.status = std::stoi(top.substr(top.find(' ') + 1, 3));
  for (auto at = top.find("\r\n") + 2; at + 2 < top.size();) {
    const auto end = top.find("\r\n", at);
    const auto colon = top.find(':', at);
    auto name = top.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    r.headers[name] = top.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  if (head || r.headers.count("content-length") == 0)
    return r;
  const auto length = std::stoul(r.headers["content-length"]);
  while (buffer_.size() < length && read_more()) {
  }
  r.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return r;
}

std::size_t http_client::drain() {
  std::size_t taken = buffer_.size();
  buffer_.clear();
  while (read_more()) {
    taken += buffer_.size();
    buffer_.clear();
  }
  return taken;
}

bool http_client::ended() {
  return buffer_.empty() && !read_more();
}

http_reply http_client::get(const std::string& path, const std::string& more_headers) {
  send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more_headers + "\r\n");
  return receive();
}

http_reply http_client::post(const std::string& path, const std::string& body,
                             const std::string& type) {
  send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
       + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return receive();
}

} // namespace careline::test
