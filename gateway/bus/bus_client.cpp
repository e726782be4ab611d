#include "gateway/bus/bus_client.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "gateway/bus/bus_line.hpp"
#include "gateway/bus/edge_clock.hpp"
#include "messages/codec.hpp"
#include "messages/uuid.hpp"

namespace careline::gateway::bus {

struct bus_client::impl {
  impl(std::unique_ptr<bus_line> to, std::string client)
      : line(std::move(to)), own_name(std::move(client)) {
    line->listen([this](const std::string& id) { open += id == asked ? 1 : 0; });
  }

  /// The next reply that is the caller's, before `deadline`.
  std::optional<reply> next(span deadline) {
    for (;;) {
      auto r = line->receive(std::max(deadline - since_boot(), span{0}));
      if (!r || !is_surplus(r->id))
        return r;
    }
  }

  /// Replies to what was sent more than once come more than once; the caller gets one.
  bool is_surplus(const std::string& id) {
    const auto found = surplus.find(id);
    if (found == surplus.end() || id == asked)
      return false;
    if (--found->second == 0)
      surplus.erase(found);
    return true;
  }

  /// Gives a command what it came without.
  void complete(command_envelope& command) {
    if (command.id.empty())
      command.id = ids.make(wall_time()).text();
    if (command.source.empty())
      command.source = own_name;
  }

  const std::unique_ptr<bus_line> line;
  const std::string own_name;
  uuid7_maker ids;
  std::deque<reply> kept;
  std::string asked;
  int open = 0;  ///< times that `asked` was sent and not answered
  std::unordered_map<std::string, int> surplus;
};

bus_client::bus_client() = default;
bus_client::~bus_client() = default;

result<std::unique_ptr<bus_client>, std::string>
bus_client::connect(const std::string& commands_address, void* context, const client_key& key) {
  auto line = bus_line::connect(commands_address, context, key);
  if (!line)
    return no(line.error());
  std::unique_ptr<bus_client> client{new bus_client};
  client->impl_ = std::make_unique<impl>(std::move(*line), key.client);
  return client;
}

std::string bus_client::send(command_envelope command) {
  impl_->complete(command);
  impl_->line->send(command.id, pack(to_value(command)));
  return std::move(command.id);
}

bool bus_client::is_away() const {
  return impl_->line->is_away();
}

std::optional<reply> bus_client::receive(std::chrono::milliseconds timeout) {
  if (!impl_->kept.empty()) {
    auto r = std::move(impl_->kept.front());
    impl_->kept.pop_front();
    return r;
  }
  return impl_->next(since_boot() + timeout);
}

std::optional<reply> bus_client::ask(command_envelope command, std::chrono::milliseconds timeout,
                                     std::chrono::milliseconds retry_after) {
  auto& my = *impl_;
  my.complete(command);
  const auto body = pack(to_value(command));
  const auto deadline = since_boot() + timeout;
  std::optional<reply> answer;
  my.open = 0;
  my.asked = command.id;
  for (auto again = since_boot();;) {
    if (since_boot() >= again) {
      my.line->send(command.id, body);
      again = since_boot() + retry_after;
    }
    auto r = my.next(std::min(deadline, again));
    if (r && r->id != command.id) {
      my.kept.push_back(std::move(*r));
    } else if (r) {
      --my.open;
      const bool is_final = r->outcome != outcome_kind::busy;
      again = since_boot() + span{r->retry_ms.value_or(retry_after.count())};
      answer = std::move(r);
      if (is_final || again >= deadline)
        break;
    } else if (since_boot() >= deadline) {
      break;
    }
  }
  my.asked.clear();
  my.line->forget(command.id);
  if (my.open > 0)
    my.surplus[command.id] = my.open;
  return answer;
}

} // namespace careline::gateway::bus
