#include "gateway/http/static_files.hpp"

#include <algorithm>

namespace careline::gateway::http {

const static_file* find_static_file(std::string_view path) noexcept {
  if (path == "/")
    path = "/index.html";
  const auto all = static_files();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const static_file& f) { return f.path == path; });
  return found == all.end() ? nullptr : &*found;
}

} // namespace careline::gateway::http
