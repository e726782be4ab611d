#pragma once

#include <map>
#include <string>
#include <string_view>

namespace careline::test {

struct http_reply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// One loopback connection, blocking, so that tests say exactly which bytes go over it. Whatever
/// does not come within ten seconds is as if the other side had closed.
class http_client {
public:
  /// "127.0.0.1:5580". A small `receive_buffer` makes a slow reader of it.
  explicit http_client(const std::string& address, int receive_buffer = 0);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  void send(std::string_view bytes);
  /// The next whole answer; status 0 when the connection ended instead.
  http_reply receive(bool head = false);
  /// Everything up to and including `mark`; nothing when the connection ended before.
  std::string receive_until(std::string_view mark);
  /// Takes what comes until nothing does any more; returns how many bytes.
  std::size_t drain();
  /// True when the other side has closed.
  bool ended();

  http_reply get(const std::string& path, const std::string& more_headers = {});
  http_reply post(const std::string& path, const std::string& body,
                  const std::string& type = "application/json");

private:
  bool read_more();

  int socket_ = -1;
  std::string buffer_;
};

} // namespace careline::test
