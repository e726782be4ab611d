#include "actors/security/tables/roles.hpp"

#include <algorithm>
#include <array>

namespace careline::security {

namespace {

using words = std::string_view;

constexpr std::array everything{words{"*"}};
/// What happens to people, queues and agents: all but keys and who may do what.
constexpr std::array work{
    words{"contact."}, words{"offer."}, words{"agent."}, words{"queue."}, words{"dial."},
    words{"site."}, words{"session."}, words{"engine."}, words{"log."}, words{"reaction."},
    words{"promise."}, words{"right."}, words{"triage."}, words{"area."}, words{"wording."},
    words{"materials."}, words{"self_service."}, words{"ticket."}};

constexpr std::array gateway_sends{
    words{"session."}, words{"contact.open"}, words{"contact.rate"}, words{"contact.change"},
    words{"contact.abandon"}, words{"contact.request_callback"}, words{"contact.say"},
    words{"contact.deliver"}, words{"contact.answer"}, words{"contact.address"},
    words{"contact.finish"}, words{"contact.hold"}, words{"contact.resume"}, words{"contact.show"},
    words{"dial.report"}, words{"queue.show"}, words{"queue.list"}, words{"log.read"},
    words{"engine.status"}, words{"consent.withdraw"}, words{"contact.present_materials"},
    words{"self_service.open"}, words{"self_service.end"}, words{"area.show"}, words{"area.list"},
    words{"wording.show"}, words{"wording.list"}, words{"wording.check"}, words{"materials.show"},
    words{"contact.read"}, words{"hall.show"}};
constexpr std::array gateway_sees{
    words{"contact."}, words{"offer."}, words{"dial."}, words{"queue."}, words{"site."},
    words{"session."}, words{"area."}, words{"wording."}, words{"materials."},
    words{"self_service."}, words{"ticket."}};

constexpr std::array agents_sends{
    words{"session."}, words{"agent.sign_in"}, words{"agent.set_state"}, words{"agent.sign_out"},
    words{"agent.change"}, words{"agent.finish_wrap_up"}, words{"agent.show"}, words{"agent.list"},
    words{"offer.accept"}, words{"offer.decline"}, words{"contact.open"}, words{"contact.change"},
    words{"contact.hold"}, words{"contact.resume"}, words{"contact.transfer"},
    words{"contact.finish"}, words{"contact.say"}, words{"contact.answer"}, words{"contact.join"},
    words{"contact.leave"}, words{"contact.park"}, words{"contact.show"},
    words{"contact.request_callback"}, words{"queue.show"}, words{"queue.list"}, words{"why."},
    words{"log.read"}, words{"engine.status"}, words{"customer.register"}, words{"customer.amend"},
    words{"customer.link"}, words{"customer.unlink"}, words{"customer.find"},
    words{"customer.reveal"}, words{"customer.show"}, words{"customer.timeline"},
    words{"identity."}, words{"consent."}, words{"right.request"}, words{"promise."},
    words{"access.ask_more"}, words{"contact.classify"}, words{"contact.issue_materials"},
    words{"contact.present_materials"}, words{"contact.remind"}, words{"triage.show"},
    words{"area.show"}, words{"area.list"}, words{"wording.show"}, words{"wording.list"},
    words{"wording.check"}, words{"materials.show"}, words{"agent.call_next"}, words{"ticket."},
    words{"contact.read"}};
constexpr std::array agents_sees{
    words{"contact."}, words{"offer."}, words{"agent."}, words{"queue."}, words{"dial."},
    words{"site."}, words{"session."}, words{"promise."}, words{"identity."}, words{"area."},
    words{"wording."}, words{"materials."}, words{"ticket."}};

constexpr std::array supervisor_sends{
    words{"session."}, words{"agent."}, words{"offer."}, words{"contact.change"},
    words{"contact.transfer"}, words{"contact.finish"}, words{"contact.join"},
    words{"contact.leave"}, words{"contact.park"}, words{"contact.supervise"},
    words{"contact.show"}, words{"contact.open"}, words{"queue."}, words{"site."}, words{"board."},
    words{"why."}, words{"log.read"}, words{"engine.status"}, words{"customer."}, words{"consent."},
    words{"right."}, words{"promise."}, words{"identity.check"}, words{"access.ask_more"},
    words{"access.allow_more"}, words{"contact.classify"}, words{"triage."}, words{"area."},
    words{"wording."}, words{"materials."}, words{"self_service.show"}, words{"ticket."},
    words{"contact.read"}, words{"hall."}};

constexpr std::array board_sends{
    words{"session."}, words{"board."}, words{"queue.show"}, words{"queue.list"},
    words{"agent.show"}, words{"agent.list"}, words{"contact.show"}, words{"why."},
    words{"log.read"}, words{"engine.status"}, words{"promise.list"}, words{"promise.show"},
    words{"triage.show"}, words{"area.show"}, words{"area.list"}, words{"self_service.show"},
    words{"hall.show"}};

constexpr std::array hall_sends{
    words{"session."}, words{"board."}, words{"queue.show"}, words{"queue.list"}, words{"log.read"},
    words{"engine.status"}, words{"hall.show"}};
constexpr std::array hall_sees{
    words{"queue."}, words{"site."}, words{"contact.queued"}, words{"contact.refused"},
    words{"contact.abandoned"}, words{"contact.timed_out"}, words{"contact.diverted"},
    words{"ticket.called"}, words{"ticket.missed"}};

constexpr std::array quality_sends{
    words{"session."}, words{"contact.show"}, words{"contact.supervise"}, words{"why."},
    words{"board."}, words{"agent.show"}, words{"agent.list"}, words{"queue.show"},
    words{"queue.list"}, words{"log.read"}, words{"engine.status"}, words{"access.ask_more"},
    words{"contact.read"}};
constexpr std::array quality_sees{
    words{"contact."}, words{"offer."}, words{"agent."}, words{"queue."}};

constexpr std::array care_sends{
    words{"session."}, words{"contact.open"}, words{"contact.request_callback"},
    words{"contact.rate"}, words{"contact.show"}, words{"contact.address"}, words{"queue.show"},
    words{"queue.list"}, words{"log.read"}, words{"engine.status"}, words{"customer.find"},
    words{"customer.show"}, words{"customer.reveal"}, words{"consent."}, words{"promise."},
    words{"access.ask_more"}};
constexpr std::array care_sees{
    words{"contact."}, words{"dial."}, words{"consent."}, words{"promise."}};

constexpr std::array complaint_sends{
    words{"session."}, words{"contact.open"}, words{"contact.change"}, words{"contact.show"},
    words{"why.contact"}, words{"queue.show"}, words{"queue.list"}, words{"log.read"},
    words{"engine.status"}, words{"customer.find"}, words{"customer.show"},
    words{"customer.timeline"}, words{"customer.reveal"}, words{"right."}, words{"identity.check"},
    words{"promise."}, words{"access.ask_more"}};
constexpr std::array complaint_sees{
    words{"contact."}, words{"queue."}, words{"right."}, words{"promise."}};

constexpr std::array fault_sends{
    words{"session."}, words{"contact.open"}, words{"contact.show"}, words{"queue.show"},
    words{"queue.list"}, words{"site."}, words{"log.read"}, words{"engine.status"},
    words{"customer.find"}, words{"customer.show"}, words{"customer.reveal"}, words{"promise."},
    words{"access.ask_more"}};
constexpr std::array fault_sees{
    words{"contact."}, words{"queue."}, words{"site."}, words{"promise."}};

constexpr std::array officer_sends{
    words{"session."}, words{"key.list"}, words{"key.revoke"}, words{"access.list"},
    words{"access.explain"}, words{"access.revoke"}, words{"log.read"}, words{"engine.status"},
    words{"access.ask_more"}, words{"access.allow_more"}, words{"access.record_violation"},
    words{"access.reinstate"}, words{"user.list"}, words{"user.unlock"}, words{"user.sign_out"},
    words{"user.vet"}, words{"api_key.revoke"},
    words{"key.rotate_master"}};
constexpr std::array officer_sees{
    words{"key."}, words{"access."}, words{"user."}, words{"api_key."}, words{"session."},
    words{"engine."}, words{"log."}, words{"reaction."}, words{"contact.address_read"},
    words{"agent.state_forced"}, words{"contact.supervised"}, words{"customer.revealed"},
    words{"customer.reveal_limited"}, words{"customer.disclosure_denied"},
    words{"customer.looked_up"}, words{"customer.erased"}, words{"identity."}, words{"right."}};

constexpr std::array actor_sends{
    words{"session."}, words{"log.read"}, words{"engine.status"}, words{"board."}};

constexpr std::array table{
    role_row{administrator, "looks after the engine, and grants", everything, everything},
    role_row{"gateway", "brings people in and carries out what is decided", gateway_sends,
             gateway_sees},
    role_row{"agents", "agents' desks", agents_sends, agents_sees},
    role_row{"supervisor", "leads agents, defines queues", supervisor_sends, work},
    role_row{"board", "reads all boards", board_sends, work},
    role_row{"hall_display", "shows a hall whose turn it is", hall_sends, hall_sees},
    role_row{"quality", "listens in and rates", quality_sends, quality_sees},
    role_row{"care", "calls people back", care_sends, care_sees},
    role_row{"complaint", "handles complaints", complaint_sends, complaint_sees},
    role_row{"fault", "handles faults, closes sites", fault_sends, fault_sees},
    role_row{"security_officer", "reads the audit, takes keys and roles away", officer_sends,
             officer_sees},
    role_row{"actor", "a capability outside the engine: follows all, decides nothing", actor_sends,
             everything},
};

bool any_fits(std::span<const std::string_view> patterns, std::string_view type) noexcept {
  return std::ranges::any_of(patterns, [&](std::string_view p) { return fits(p, type); });
}

bool is_prefix(std::string_view pattern) noexcept {
  return pattern.ends_with('.');
}

} // namespace

std::span<const role_row> roles() noexcept {
  return table;
}

const role_row* find_role(std::string_view name) noexcept {
  const auto found = std::ranges::find(table, name, &role_row::name);
  return found == table.end() ? nullptr : &*found;
}

bool fits(std::string_view pattern, std::string_view type) noexcept {
  return pattern == "*" || pattern == type || (is_prefix(pattern) && type.starts_with(pattern));
}

bool may_send(const role_row& role, std::string_view type) noexcept {
  return any_fits(role.sends, type);
}

bool may_see(const role_row& role, std::string_view type) noexcept {
  return any_fits(role.sees, type);
}

std::vector<std::string> visible_under(const role_row& role, std::string_view prefix) {
  if (any_fits(role.sees, prefix))
    return {std::string{prefix}};
  std::vector<std::string> out;
  for (const auto pattern : role.sees)
    if (pattern.starts_with(prefix))
      out.emplace_back(pattern);
  return out;
}

} // namespace careline::security
