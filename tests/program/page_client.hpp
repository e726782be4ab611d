#pragma once

#include <string>
#include <string_view>

namespace careline::program_test {

/// What one request over loopback brings: "http://127.0.0.1:5580" or "127.0.0.1:5580".
struct page {
  int status = 0;
  std::string body;
};
page get(const std::string& address, const std::string& path);
/// A query as JSON, as the pages ask.
page ask(const std::string& address, std::string_view json);

} // namespace careline::program_test
