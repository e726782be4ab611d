#include <filesystem>
#include <fmt/format.h>
#include <future>

#include "actors/kernel/shell_batch.hpp"
#include "gateway/bus/client_key.hpp"
#include "messages/z85.hpp"
#include "store/keys/secrets.hpp"
#include "tools/careline/key_places.hpp"
#include "tools/careline/serve_engine.hpp"
#include "tools/careline/subcommands.hpp"
#include "tools/careline/terminal.hpp"

// The keys of a serving engine: its own, and the first client's, without which nobody could be
// granted anything.

namespace careline::program {

serve_engine::done serve_engine::open_keys() {
  if (!has_keys_)
    return {};
  const auto secret = store::load_bus_key(bus_key_of(config_.data), true);
  if (!secret)
    return no(serve_failure{exit_code::work_failed, secret.error().detail});
  bus_secret_ = to_z85(secret->bytes());
  // Whoever grants is never the last to be taken away: where somebody was granted something once,
  // there is an administrator.
  for (const auto& [type, at] : log_->last_of_types())
    if (type == security::access_granted::type)
      return {};
  return make_administrator(gateway::bus::public_half_of(bus_secret_));
}

/// The file first: where the log was not reached, the next start finds it and goes on.
serve_engine::done serve_engine::make_administrator(const std::string& server_key) {
  const auto path = administrator_key_of(config_.data);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    const auto pair = gateway::bus::make_key_pair();
    const auto made = gateway::bus::write_client_key(
        path, {"admin", pair.public_key, pair.secret_key, server_key});
    if (!made)
      return no(serve_failure{exit_code::work_failed, made.error()});
  }
  const auto key = gateway::bus::read_client_key(path);
  if (!key)
    return no(serve_failure{exit_code::work_failed, key.error()});
  if (key->server_key != server_key)
    return no(serve_failure{exit_code::work_failed,
                            fmt::format("the key file {} is for another engine; move it away",
                                        path)});
  security::key_accepted accepted;
  accepted.client = client_id{key->client};
  accepted.key = key->public_key;
  security::access_granted granted;
  granted.client = accepted.client;
  granted.roles = {code_word{"administrator"}};
  granted.reason = code_word{"first_start"};
  const auto now = clock_->now();
  store::batch first;
  auto records = kernel::records_of({{accepted, now}, {granted, now}},
                                    {"engine", {}, {}, {}, false}, *keys_);
  first.events = std::move(*records);
  std::promise<bool> told;
  writer_->submit(std::move(first), [&](const auto& what) { told.set_value(what.has_value()); });
  if (!told.get_future().get())
    return no(serve_failure{exit_code::work_failed, "the first key could not be written down"});
  complain(fmt::format("the administrator's key is in {}: give it by --key or CARELINE_KEY; "
                       "\"careline help key\" says how others get theirs", path));
  return {};
}

void serve_engine::open_people(gateway::http::http_options& into) {
  into.certificate = config_.certificate;
  into.private_key = config_.certificate_key;
  into.name = config_.pages_name;
  if (!has_keys_)
    return;
  sign_in_ = std::make_unique<sign_in_door>(sign_in_ports{
      access_, access_, *keys_, [this] { return clock_->now(); },
      [this] { return clock_->id_now(); }, machine_clocks().wall,
      [] { return std::chrono::steady_clock::now(); },
      [this](command_envelope what, gateway::respond then) {
        engine_->submit(std::move(what), "pages", std::move(then));
      }});
  into.people = sign_in_.get();
}

} // namespace careline::program
