#include "tools/careline/gateway_keys.hpp"

#include <chrono>

#include "gateway/bus/bus_client.hpp"
#include "messages/vocabulary.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/key_places.hpp"

namespace careline::program {

namespace {

constexpr std::chrono::milliseconds answer_within{10'000};

result<void, std::string> tell(gateway::bus::bus_client& engine, std::string_view type,
                               value data) {
  command_envelope c;
  c.type = type;
  c.data = std::move(data);
  const auto got = engine.ask(std::move(c), answer_within);
  if (!got)
    return no(std::string{"the engine inside does not answer"});
  if (got->why)
    return no(sentence_of(*got->why));
  return {};
}

} // namespace

result<talk_keys, std::string> let_in(const gateway::bus::client_key& gateways,
                                      const std::string& data, const std::string& commands) {
  auto desk = gateway::bus::read_client_key(administrator_key_of(data));
  if (!desk)
    return no(desk.error());
  if (gateways.client == desk->client)
    return no("the key is of \"" + gateways.client + "\", who may do everything; a gateway has a "
              "key of its own");
  auto engine = gateway::bus::bus_client::connect(commands, nullptr, *desk);
  if (!engine)
    return no(engine.error());
  const auto front = gateway::bus::make_key_pair();
  talk_keys out{*desk, gateways, front.secret_key, data + "/gateway.key"};
  out.gateway.server_key = desk->server_key;
  auto did = tell(**engine, security::key_accept::type,
                  value::map{{"client", gateways.client}, {"key", gateways.public_key}});
  if (did)
    did = tell(**engine, security::access_grant::type,
               value::map{{"client", gateways.client},
                          {"roles", value::list{"gateway"}},
                          {"reason", "verify"}});
  auto theirs = gateways;
  theirs.server_key = front.public_key;
  if (did)
    did = gateway::bus::write_client_key(out.file, theirs);
  if (!did)
    return no(did.error());
  return out;
}

} // namespace careline::program
