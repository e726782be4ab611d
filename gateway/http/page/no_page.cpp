#include "gateway/http/static_files.hpp"

namespace careline::gateway::http {

namespace {

constexpr std::string_view said =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Careline</title>"
    "<h1>Careline</h1><p>This program was built without the board page: npm was not found, or "
    "CARELINE_PAGE was OFF. The figures are at <a href=\"/api/board\">/api/board</a>, "
    "<a href=\"/metrics\">/metrics</a> and <a href=\"/readyz?verbose\">/readyz</a>.</p></html>";

} // namespace

std::span<const static_file> static_files() noexcept {
  static const static_file all[] = {
      static_file{"/index.html", "text/html; charset=utf-8", "\"no-page\"", false, said, {}}};
  return all;
}

} // namespace careline::gateway::http
