#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "gateway/http/routes.hpp"

namespace careline::gateway::http {

// Who asks over HTTP, and what he may (R2.3.3). Nothing here where `http_options::people` is null.

/// What a request shows, in its cookie or its Authorization.
credential credential_of(const request_view& asked, const http_options& options);

/// What somebody wants of the engine.
struct errand {
  std::string_view type;
  bool changes = false;  ///< a page has to prove that it is the session's own
  bool helps = false;    ///< a call for help: a right that is missing is written down, and no more
};

/// Who asks, when he may send that; nobody where nobody needs to be known; else why not.
using admission = std::variant<std::optional<visitor>, plain_answer>;
admission admit(const request_view& asked, const http_options& options, const errand& what);

/// Why not, when somebody speaks in another's name: a client for another's session, who is one
/// agent for another.
std::optional<plain_answer> as_another(const visitor& who, const command_envelope& command);
/// The command is his from here on, and what of the log it asks for is what he may see.
void speak_as(const visitor& who, command_envelope& command, const people_keeper& people);

/// /api/session: who am I, sign in, sign out.
route_result session_route(const request_view& asked, const http_options& options);
/// What a sign-in led to.
plain_answer sign_in_answer(const answer<signed_in>& did, const http_options& options);

/// The status that goes with a refusal at the door.
plain_answer refused_answer(const problem& why);

} // namespace careline::gateway::http
