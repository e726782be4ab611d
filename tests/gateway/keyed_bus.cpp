#include "tests/gateway/keyed_bus.hpp"

#include <algorithm>
#include <stdexcept>

#include "gateway/bus/head_beat.hpp"
#include "gateway/bus/sockets.hpp"

namespace careline::gateway::bus {

namespace {

bool fits(const std::string& pattern, std::string_view type) {
  return pattern == "*" || pattern == type
         || (pattern.ends_with('.') && type.starts_with(pattern));
}

} // namespace

client_key test_keeper::let_in(const std::string& client, std::vector<std::string> sends,
                               std::vector<std::string> sees) {
  {
    const std::lock_guard hold{guard_};
    clients_[client] = {std::move(sends), std::move(sees)};
  }
  return another_key(client);
}

client_key test_keeper::another_key(const std::string& client) {
  const auto pair = make_key_pair();
  const std::lock_guard hold{guard_};
  owners_[pair.public_key] = client;
  ++edition_;
  return {client, pair.public_key, pair.secret_key, server_.public_key};
}

void test_keeper::revoke(const client_key& key) {
  const std::lock_guard hold{guard_};
  revoked_.insert(key.public_key);
  ++edition_;
}

void test_keeper::change(const std::string& client, std::vector<std::string> sends,
                         std::vector<std::string> sees) {
  const std::lock_guard hold{guard_};
  clients_[client] = {std::move(sends), std::move(sees)};
  ++edition_;
}

void test_keeper::when_asked(std::function<void(std::string_view)> hook) {
  const std::lock_guard hold{guard_};
  asked_ = std::move(hook);
}

std::vector<security::access_refused> test_keeper::refusals() const {
  const std::lock_guard hold{guard_};
  return refusals_;
}

std::vector<security::key_used> test_keeper::uses() const {
  const std::lock_guard hold{guard_};
  return uses_;
}

client_id test_keeper::client_of(const std::string& key) const {
  if (is_failing_)
    throw std::runtime_error{"the book is gone"};
  const std::lock_guard hold{guard_};
  const auto found = owners_.find(key);
  return found == owners_.end() || revoked_.contains(key) ? client_id{} : client_id{found->second};
}

client_id test_keeper::owner_of(const std::string& key) const {
  const std::lock_guard hold{guard_};
  const auto found = owners_.find(key);
  return found == owners_.end() ? client_id{} : client_id{found->second};
}

bool test_keeper::may_send(const client_id& client, std::string_view type) const {
  const std::lock_guard hold{guard_};
  const auto found = clients_.find(client.text());
  return found != clients_.end()
         && std::ranges::any_of(found->second.sends, [&](const auto& p) { return fits(p, type); });
}

bool test_keeper::may_see(const client_id& client, std::string_view type) const {
  const std::lock_guard hold{guard_};
  const auto found = clients_.find(client.text());
  return found != clients_.end()
         && std::ranges::any_of(found->second.sees, [&](const auto& p) { return fits(p, type); });
}

std::vector<std::string> test_keeper::visible_under(const client_id& client,
                                                    std::string_view prefix) const {
  if (const auto hook = [this] {
        const std::lock_guard hold{guard_};
        return asked_;
      }())
    hook(prefix);
  if (may_see(client, prefix))
    return {std::string{prefix}};
  const std::lock_guard hold{guard_};
  std::vector<std::string> out;
  if (const auto found = clients_.find(client.text()); found != clients_.end())
    for (const auto& pattern : found->second.sees)
      if (pattern.starts_with(prefix))
        out.push_back(pattern);
  return out;
}

void test_keeper::note(security::key_used what) {
  const std::lock_guard hold{guard_};
  uses_.push_back(std::move(what));
}

void test_keeper::note(security::access_refused what) {
  const std::lock_guard hold{guard_};
  refusals_.push_back(std::move(what));
}

subscriber_options keyed_bus::follow(const client_key& key, std::vector<std::string> types) {
  subscriber_options o;
  o.events_address = bus.server->events_address();
  o.commands_address = bus.server->commands_address();
  o.types = std::move(types);
  o.key = key;
  return o;
}

raw_subscriber::raw_subscriber(const std::string& address, const client_key& key,
                               const std::vector<std::string>& topics)
    : socket_(context_, zmq::socket_type::sub) {
  const std::chrono::milliseconds wait = patience;
  socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(wait.count()));
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::curve_serverkey, key.server_key);
  socket_.set(zmq::sockopt::curve_publickey, key.public_key);
  socket_.set(zmq::sockopt::curve_secretkey, key.secret_key);
  for (const auto& topic : topics)
    subscribe(topic);
  socket_.connect(address);
}

void raw_subscriber::subscribe(const std::string& topic) {
  socket_.set(zmq::sockopt::subscribe, topic);
}

void raw_subscriber::unsubscribe(const std::string& topic) {
  socket_.set(zmq::sockopt::unsubscribe, topic);
}

std::pair<std::string, std::string> raw_subscriber::next() {
  zmq::message_t topic;
  zmq::message_t body;
  if (!socket_.recv(topic) || !topic.more())
    return {};
  static_cast<void>(socket_.recv(body));
  return {topic.to_string(), body.to_string()};
}

std::pair<std::string, std::string> raw_subscriber::next_event() {
  for (;;)
    if (auto one = next(); one.first != log_head_topic)
      return one;
}

} // namespace careline::gateway::bus
