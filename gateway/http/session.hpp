#pragma once

#include <memory>

#include "gateway/http/core.hpp"

namespace careline::gateway::http {

/// Serves one accepted connection: one request after the other, also when they came together.
void serve_connection(const std::shared_ptr<core>& in, boost::asio::ip::tcp::socket socket);
/// Says 503 and closes.
void turn_away(boost::asio::ip::tcp::socket socket);

} // namespace careline::gateway::http
