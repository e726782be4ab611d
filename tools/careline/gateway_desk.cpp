#include "tools/careline/gateway_desk.hpp"

#include <stdexcept>
#include <utility>

#include "tools/careline/asking.hpp"
#include "tools/careline/gateway_talk.hpp"

namespace careline::program {

namespace {

constexpr std::chrono::milliseconds talk_lasts{200};
constexpr std::chrono::milliseconds answer_within{10'000};

void ask(gateway::bus::bus_client& by, std::string_view type, value data, std::string source) {
  command_envelope c;
  c.type = type;
  c.source = std::move(source);
  c.data = std::move(data);
  const auto got = by.ask(std::move(c), answer_within);
  if (!got)
    throw std::runtime_error{"the engine inside does not answer"};
  // A contact may leave while its offer is taken: to be refused is no fault of anybody.
  if (got->outcome == outcome_kind::invalid)
    throw std::logic_error{sentence_of(*got->why)};
}

} // namespace

result<std::unique_ptr<gateway_desk>, std::string>
gateway_desk::open(place at, std::vector<std::string> queues, on_event to) {
  auto client = gateway::bus::bus_client::connect(at.commands, nullptr, at.own);
  if (!client)
    return no(client.error());
  std::unique_ptr<gateway_desk> out{new gateway_desk};
  out->at_ = std::move(at);
  out->client_ = std::move(*client);
  out->queues_ = std::move(queues);
  out->to_ = std::move(to);
  out->define_queues(false);
  gateway::bus::subscriber_options following;
  following.commands_address = out->at_.commands;
  following.events_address = out->at_.events;
  following.source = "verify-desk";
  following.key = out->at_.own;
  out->subscriber_ = std::make_unique<gateway::bus::bus_subscriber>(
      std::move(following), [desk = out.get()](const auto& run, position) {
        const std::scoped_lock lock{desk->guard_};
        desk->came_.insert(desk->came_.end(), run.begin(), run.end());
      });
  return out;
}

void gateway_desk::say(std::string_view type, value data) {
  ask(*client_, type, std::move(data), name_by(at_.own, "verify-desk"));
}

void gateway_desk::define_queues(bool full) {
  for (const auto& name : queues_) {
    value queue{value::map{{"queue", name}}};
    if (full) {
      queue.set("join_when", value::list{});  // no agent, whatever state, counts as there
      queue.set("overflow_to", "external:verify");
    }
    say(routing::queue_define::type, std::move(queue));
  }
}

void gateway_desk::say_hello_as(const std::string& name, const std::string& kind) {
  auto client = gateway::bus::bus_client::connect(at_.commands, nullptr, at_.gateways);
  if (!client)
    throw std::runtime_error{client.error()};
  successor_ = std::move(*client);
  ask(*successor_, session::session_hello::type,
      value::map{{"name", name}, {"kind", kind}, {"lease_s", 3600}, {"instance", "verify"}}, name);
}

void gateway_desk::step() {
  std::vector<event_record> came;
  {
    const std::scoped_lock lock{guard_};
    came.swap(came_);
  }
  for (const auto& e : came) {
    to_(e);
    take(e);
  }
  while (!talks_.empty() && talks_.front().until <= clock::now()) {
    say(routing::contact_finish::type, std::move(talks_.front().who));
    talks_.pop_front();
  }
}

void gateway_desk::take(const event_record& e) {
  const auto data = data_in(e);
  const auto who = [&] {
    return value{
        value::map{{"contact", data.text_or("contact")}, {"agent", data.text_or("agent")}}};
  };
  if (e.type == reception::contact_opened::type) {
    const std::string channel{data.text_or("channel")};
    if (channel.empty() || !channels_.insert(channel).second)
      return;
    say(routing::agent_sign_in::type,
        value::map{{"agent", "verify-" + channel},
                   {"channels", value::map{{channel, 16}}},
                   {"skills", value::map{{"ALL", 10}}}});
  } else if (e.type == routing::offer_made::type) {
    say(routing::offer_accept::type, who());
  } else if (e.type == routing::contact_connected::type) {
    talks_.push_back({clock::now() + talk_lasts, who()});
  }
}

} // namespace careline::program
