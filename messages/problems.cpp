#include <algorithm>
#include <array>

#include "messages/problem.hpp"

namespace careline {

namespace {

/// The one list. Sorted by code (a test says so); a code once published keeps its meaning.
constexpr std::array rows{
    problem_row{"command.clock_ahead", "invalid", "The id's time is ahead of the engine's clock."},
    problem_row{"command.field_invalid", "invalid", "A field has a value that it cannot have."},
    problem_row{"command.field_missing", "invalid", "A field that the command needs is missing."},
    problem_row{"command.id_invalid", "invalid", "A command's id must be a UUID of version 7."},
    problem_row{"command.id_reused", "refused", "This id was used before for a different command."},
    problem_row{"command.malformed", "invalid",
                "The message is not a map that can be read."},
    problem_row{"command.too_large", "invalid", "The message is larger than 64 KiB."},
    problem_row{"command.too_old", "invalid", "The id is older than the engine remembers."},
    problem_row{"command.type_unknown", "invalid", "There is no command or query of this type."},
    problem_row{"engine.behind", "busy",
                "The answer is not as far as the position asked for; send again."},
    problem_row{"engine.busy", "busy", "The engine has as much in hand as it takes; send again."},
    problem_row{"engine.disk_full", "busy",
                "The log has no room for new contacts; what is open goes on."},
    problem_row{"engine.no_key", "busy", "No key could be made to seal personal values."},
    problem_row{"engine.stopping", "busy", "The engine is stopping; send again to the next one."},
    problem_row{"log.bad_position", "refused", "The log has no such position."},
    problem_row{"log.unreadable", "busy", "The log cannot be read there now; send again."},
    problem_row{"person.damaged", "refused",
                "A sealed value could not be opened: its bytes are not what was sealed."},
    problem_row{"person.erased", "refused", "The person's data was erased."},
    problem_row{"reception.already_rated", "refused",
                "The contact was rated before, with another score."},
    problem_row{"reception.contact_exists", "refused",
                "A contact of this id exists with other fields."},
    problem_row{"reception.unknown_contact", "refused", "There is no contact of this id."},
    problem_row{"routing.agent_not_ready", "refused", "The agent cannot take a contact now."},
    problem_row{"routing.agent_on_contact", "refused", "The agent is still on a contact."},
    problem_row{"routing.alone_in_talk", "refused",
                "The agent is alone with the contact: it is finished or transferred, not left."},
    problem_row{"routing.already_signed_in", "refused",
                "The agent is signed in, with other skills, channels, queues or state."},
    problem_row{"routing.callback_requested", "refused",
                "A callback to another number was asked for."},
    problem_row{"routing.consult_open", "refused", "A colleague is being asked about it already."},
    problem_row{"routing.contact_ended", "refused", "The contact has ended."},
    problem_row{"routing.is_live", "refused", "Somebody is on the line of this contact."},
    problem_row{"routing.line_taken", "refused",
                "Another text was said as the line of this number."},
    problem_row{"routing.lines_full", "refused", "No more lines fit into this contact."},
    problem_row{"routing.no_dial", "refused", "No dialling was asked for this contact."},
    problem_row{"routing.no_offer", "refused", "The agent has no open offer of this contact."},
    problem_row{"routing.not_connected", "refused", "The contact is not connected to this agent."},
    problem_row{"routing.not_in_talk", "refused", "The contact is not in talk."},
    problem_row{"routing.not_signed_in", "refused", "The agent is not signed in."},
    problem_row{"routing.not_waiting", "refused", "The contact is not waiting."},
    problem_row{"routing.site_closed", "refused", "The site of the queue is closed."},
    problem_row{"routing.unknown_agent", "refused", "There is no agent of this id."},
    problem_row{"routing.unknown_contact", "refused", "There is no contact of this id."},
    problem_row{"routing.unknown_queue", "refused", "There is no queue of this id."},
    problem_row{"routing.unknown_site", "refused", "No queue or agent is of this site."},
    problem_row{"security.key_malformed", "refused",
                "A public key is 40 characters of Z85, as careline key make prints it."},
    problem_row{"security.key_revoked", "refused",
                "The key was revoked, and is never accepted again."},
    problem_row{"security.key_taken", "refused", "The key is another client's."},
    problem_row{"security.keys_off", "refused",
                "The engine serves without keys; who may do what is changed where it has them."},
    problem_row{"security.last_administrator", "refused",
                "Nobody would be left who may grant anything."},
    problem_row{"security.no_key", "refused", "The connection came without a key."},
    problem_row{"security.not_allowed", "refused", "The client may not send this command."},
    problem_row{"security.not_visible", "refused", "The client may not see such events."},
    problem_row{"security.source_claimed", "refused",
                "A client speaks under its own name, which its key gives it."},
    problem_row{"security.too_many_keys", "refused",
                "The client has two keys; revoke one before another is accepted."},
    problem_row{"security.unknown_client", "refused", "No key of this client was ever accepted."},
    problem_row{"security.unknown_key", "refused", "The key is none that is accepted."},
    problem_row{"security.unknown_role", "refused", "There is no role of this name."},
    problem_row{"session.unknown", "refused", "There is no open session of this name."},
};

} // namespace

std::span<const problem_row> problem_rows() noexcept {
  return rows;
}

problem because(std::string_view type, std::string field, std::string detail) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const problem_row& r) { return r.type == type; });
  return {std::string{type}, row == rows.end() ? std::string{type} : std::string{row->title},
          std::move(field), std::move(detail)};
}

std::string_view outcome_of(std::string_view type) noexcept {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const problem_row& r) { return r.type == type; });
  return row == rows.end() ? std::string_view{"refused"} : row->outcome;
}

} // namespace careline
