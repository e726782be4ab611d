#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "gateway/http/routes.hpp"

namespace careline::gateway::http {

// Who asks over HTTP, and what he may (R2.3.3). Nothing here where `http_options::people` is null.

/// What a request shows, in its cookie or its Authorization.
credential credential_of(const request_view& asked, const http_options& options);

/// Who asks, when he may send `type`; nobody where nobody needs to be known; else why not.
/// `changes`: a page has to prove that it is the session's own.
using admission = std::variant<std::optional<visitor>, plain_answer>;
admission admit(const request_view& asked, const http_options& options, std::string_view type,
                bool changes);

/// Why not, when somebody who is one agent sends a command in another's name.
std::optional<plain_answer> as_another(const visitor& who, const command_envelope& command);

/// /api/session: who am I, sign in, sign out.
route_result session_route(const request_view& asked, const http_options& options);
/// What a sign-in led to.
plain_answer sign_in_answer(const answer<signed_in>& did, const http_options& options);

/// The status that goes with a refusal at the door.
plain_answer refused_answer(const problem& why);

} // namespace careline::gateway::http
