#include "tools/careline/wiring.hpp"

#include <chrono>
#include <fmt/format.h>

#include "actors/board/show.hpp"

namespace careline::program {

namespace {
constexpr std::int64_t retry_ms = 100;

template <class... C>
bool is_any_of(std::string_view type, const std::variant<C...>*) {
  return ((type == C::type) || ...);
}

/// Whoever is on the machine could make himself administrator for the day when keys are on.
bool changes_access(std::string_view type) {
  return is_any_of(type, static_cast<const security::command*>(nullptr));
}

/// What a door found out about somebody: nobody says that of himself.
bool is_said_by_a_door(std::string_view type) {
  return type == security::user_sign_in::type || type == security::user_fail_sign_in::type;
}

} // namespace

kernel::clock_readings machine_clocks() {
  return {[] {
            return std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::steady_clock::now().time_since_epoch());
          },
          [] { return std::chrono::floor<span>(std::chrono::system_clock::now()); }};
}

void engine_door::submit(command_envelope command, std::string connection,
                         gateway::respond answer) {
  if (!has_keys_ && changes_access(command.type))
    return answer(refuse(command.id, because("security.keys_off", "type", command.type)));
  if (is_said_by_a_door(command.type))
    return answer(refuse(command.id, because("security.not_allowed", "type", command.type)));
  if (auto* to = to_.load()) {
    to->submit(std::move(command), std::move(connection), std::move(answer));
    return;
  }
  answer(turn_away(command, because("engine.busy", {}, "the engine is starting or stopping")));
}

reply engine_door::turn_away(const command_envelope& command, problem why) {
  auto out = kernel::turn_away(command, std::move(why), places_);
  if (kernel::is_handed_over_unlogged(out))
    ++safety_handed_over_;
  else
    out.retry_ms = retry_ms;
  return out;
}

void board_pages::begin(const board::board_model& board, instant now) {
  const std::lock_guard hold{mutex_};
  frames_.delta(board, now);
}

void board_pages::show(const board::board_model& board, instant now) {
  const std::lock_guard hold{mutex_};
  auto made = frames_.delta(board, now);
  if (to_)
    to_->show(std::make_shared<const gateway::http::board_frame>(
        gateway::http::board_frame{made.at, made.whole, std::move(made.json)}));
}

gateway::http::board_frame board_pages::whole() const {
  const std::lock_guard hold{mutex_};
  auto made = frames_.whole();
  return {made.at, made.whole, std::move(made.json)};
}

void board_pages::lead_to(gateway::http::http_server* to) {
  const std::lock_guard hold{mutex_};
  to_ = to;
}

std::string recovery_sentence(const board::board_model& board, instant now, position head) {
  const auto shown = board::show(board.state(), now);
  const auto* centre = shown.find("centre");
  const auto* by_state = shown.find("agents");
  std::int64_t agents = 0;
  if (const auto* rows = by_state ? by_state->as<value::map>() : nullptr)
    for (const auto& [state, count] : *rows)
      agents += count.as<std::int64_t>() ? *count.as<std::int64_t>() : 0;
  const auto figure = [&](std::string_view name) { return centre ? centre->int_or(name, 0) : 0; };
  const auto waiting = figure("waiting");
  return fmt::format("recovered: {} contacts waiting{}, {} in progress, {} agents, log at {}",
                     waiting, waiting > 0 ? ", each at its place" : "", figure("in_progress"),
                     agents, head);
}

} // namespace careline::program
