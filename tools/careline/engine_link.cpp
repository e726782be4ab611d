#include "tools/careline/engine_link.hpp"

#include <algorithm>

namespace careline::program {

namespace {

constexpr std::chrono::milliseconds look_up_each{10};

reply no_answer(std::string id) {
  auto out = refuse(std::move(id), because("engine.busy", {}, "the engine does not answer"));
  out.retry_ms = 1000;
  return out;
}

} // namespace

result<std::unique_ptr<engine_link>, std::string> engine_link::open(
    const std::string& commands_address, std::string source,
    const gateway::bus::client_key& key) {
  auto client = gateway::bus::bus_client::connect(commands_address, nullptr, key);
  if (!client)
    return no(client.error());
  std::unique_ptr<engine_link> out{new engine_link};
  out->client_ = std::move(*client);
  out->source_ = key.empty() ? std::move(source) : key.client;
  out->has_key_ = !key.empty();
  out->thread_ = std::thread{[link = out.get()] { link->run(); }};
  return out;
}

engine_link::~engine_link() {
  ending_ = true;
  if (thread_.joinable())
    thread_.join();
}

void engine_link::submit(command_envelope query, gateway::respond answer) {
  const std::scoped_lock lock{mutex_};
  waiting_.emplace_back(std::move(query), std::move(answer));
}

instant engine_link::now(instant otherwise) const {
  const std::scoped_lock lock{mutex_};
  if (!heard_)
    return otherwise;
  const auto real = std::chrono::duration<double>(clock::now() - heard_->at).count();
  return std::max(otherwise, heard_->time + from_seconds(real * heard_->speed));
}

double engine_link::speed() const {
  const std::scoped_lock lock{mutex_};
  return heard_ ? heard_->speed : 1;
}

std::optional<position> engine_link::head() const {
  const std::scoped_lock lock{mutex_};
  if (!heard_)
    return {};
  return heard_->head;
}

std::optional<std::chrono::milliseconds> engine_link::silent_for() const {
  const std::scoped_lock lock{mutex_};
  if (!heard_)
    return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - heard_->at);
}

void engine_link::run() {
  while (!ending_) {
    send_waiting();
    if (clock::now() >= status_next_)
      ask_status();
    if (auto got = client_->receive(look_up_each))
      take(std::move(*got));
    give_up_late();
  }
  for (auto& [id, left] : pending_)
    left.answer(no_answer(id));
  const std::scoped_lock lock{mutex_};
  for (auto& [query, answer] : waiting_)
    answer(no_answer(query.id));
}

void engine_link::send_waiting() {
  std::vector<std::pair<command_envelope, gateway::respond>> mine;
  {
    const std::scoped_lock lock{mutex_};
    mine.swap(waiting_);
  }
  for (auto& [query, answer] : mine) {
    if (has_key_)  // whoever asked at a page: the engine knows this connection by its key alone
      query.source = source_;
    auto id = client_->send(std::move(query));
    pending_[std::move(id)] = {std::move(answer), clock::now() + answer_within};
  }
}

void engine_link::ask_status() {
  status_next_ = clock::now() + ask_status_each;
  if (client_->is_away())
    return; // one question waits for it already
  command_envelope ask;
  ask.type = query::engine_status::type;
  ask.source = source_;
  status_sent_ = clock::now();
  status_id_ = client_->send(std::move(ask));
}

void engine_link::take(reply got) {
  if (got.id == status_id_) {
    if (const auto time = parse_rfc3339(got.data.text_or("time"))) {
      const std::scoped_lock lock{mutex_};
      const auto head = std::max<std::int64_t>(got.data.int_or("head", 0), 0);
      // Said somewhere between asking and hearing: half of the way is the best guess.
      const auto now = clock::now();
      heard_ = heard{time->at, got.data.number_or("speed", 1), static_cast<position>(head),
                     status_sent_ + (now - status_sent_) / 2};
    }
    return;
  }
  const auto found = pending_.find(got.id);
  if (found == pending_.end())
    return;
  const auto answer = std::move(found->second.answer);
  pending_.erase(found);
  answer(std::move(got));
}

void engine_link::give_up_late() {
  const auto now = clock::now();
  std::erase_if(pending_, [&](auto& entry) {
    if (entry.second.until > now)
      return false;
    entry.second.answer(no_answer(entry.first));
    return true;
  });
}

} // namespace careline::program
