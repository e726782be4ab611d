#include "tools/careline/asking.hpp"

#include <fmt/format.h>

#include "tools/careline/command_line.hpp"

namespace careline::program {

void add_engine_flags(CLI::App& app, engine_place& into) {
  app.add_option("--commands", into.commands, "the engine's command socket")
      ->envname("CARELINE_COMMANDS")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app.add_option("--timeout", into.timeout_s, "seconds to wait for an answer, 0.1 to 600")
      ->check(CLI::Range(0.1, 600.0))
      ->type_name("S")
      ->capture_default_str();
  add_key_option(app, into.key_file);
}

std::optional<asking> asking::open(const engine_place& place, const std::string& source) {
  const auto key = key_in(place.key_file);
  if (!key)
    return std::nullopt;
  auto client = gateway::bus::bus_client::connect(place.commands, nullptr, *key);
  if (!client) {
    complain(fmt::format("{}; an address is like tcp://127.0.0.1:5570", client.error()));
    return std::nullopt;
  }
  asking out;
  out.client_ = std::move(*client);
  out.place_ = place;
  out.source_ = name_by(*key, source);
  return out;
}

result<asking, int> asking::open(const engine_place& place, const past_place& past,
                                 const std::string& source) {
  if (past.as_of.empty()) {
    if (auto out = open(place, source))
      return std::move(*out);
    return no(exit_code::wrong_usage);
  }
  auto was = past_engine::open(past);
  if (!was)
    return no(was.error());
  asking out;
  out.past_ = std::move(*was);
  return out;
}

std::optional<reply> asking::send(command_envelope what) {
  if (what.source.empty())
    what.source = source_;
  auto got = client_->ask(std::move(what), from_seconds(place_.timeout_s));
  if (!got)
    complain(fmt::format("no answer from {} within {} s. {}", place_.commands, place_.timeout_s,
                         place_.key_file.empty()
                             ? "Is the engine running? \"tools/run\" or \"careline serve\" starts "
                               "it. Does it ask for a key? --key gives one."
                             : "Is the engine running with keys, and is this one accepted?"));
  return got;
}

std::optional<value> asking::query(std::string_view type, value data) {
  if (past_) {
    auto told = past_->query(type, data);
    if (told)
      return std::move(*told);
    complain(sentence_of(told.error()));
    return std::nullopt;
  }
  command_envelope asked;
  asked.type = type;
  asked.data = std::move(data);
  auto got = send(std::move(asked));
  if (!got)
    return std::nullopt;
  if (got->outcome != outcome_kind::accepted) {
    complain(got->why ? sentence_of(*got->why) : std::string{word_of(got->outcome)});
    return std::nullopt;
  }
  return std::move(got->data);
}

std::string sentence_of(const problem& why) {
  auto out = why.title;
  if (!why.field.empty() && !why.detail.empty())
    out += fmt::format(" ({}: {})", why.field, printable(why.detail));
  else if (!why.field.empty() || !why.detail.empty())
    out += fmt::format(" ({})", printable(why.field + why.detail));
  return out + fmt::format(" [{}]", why.type);
}

} // namespace careline::program
