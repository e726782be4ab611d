// A telephone exchange of one line each, as small as a whole gateway can be.
//
// Reads what the telephones do from its input and prints what they hear:
//
//     ring NUMBER [QUEUE]     somebody calls
//     hang_up NUMBER          and leaves
//     end                     the exchange closes: those who still wait are sent away
//
// Try it with an agent signed in (docs/gateway.md), or without one.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

#include <careline_gateway/client.hpp>

namespace kit = careline_gateway;
using namespace std::chrono_literals;

namespace {

constexpr auto queue_default = "care";

/// What the person hears of an event; empty for nothing.
std::string heard(const kit::event& e) {
  if (e.type == "contact.queued")
    return "you are number " + std::to_string(e.data.whole("queue_position"));
  if (e.type == "contact.connected")
    return e.data.text("agent") + " answers";
  if (e.type == "contact.held")
    return "music";
  if (e.type == "contact.resumed")
    return e.data.text("agent") + " is back";
  if (e.type == "contact.diverted")
    return "you are put through to " + e.data.text("to");
  if (e.type == "contact.timed_out")
    return "nobody could take your call: " + e.data.text("reason");
  if (e.type == "contact.refused")
    return "we cannot take your call: " + e.data.text("reason");
  if (e.type == "contact.finished")
    return "the line is free";
  return {};
}

/// To another queue is a move; to a place outside the engine is the end of it.
bool is_end(const kit::event& e) {
  return e.type == "contact.finished" || e.type == "contact.abandoned"
         || e.type == "contact.timed_out" || e.type == "contact.refused"
         || (e.type == "contact.diverted" && e.data.text("to").starts_with("external:"));
}

class exchange {
public:
  explicit exchange(kit::gateway& by) : gateway_(by) {}

  void ring(const std::string& number, const std::string& queue) {
    const std::scoped_lock lock{guard_}; // who is told of the contact waits until it is known
    try {
      const auto reply = gateway_.open("phone", {{"queue", queue}, {"address", number}});
      calls_[reply.data.text("contact")] = number;
    } catch (const kit::not_accepted& no) {
      hear(number, no.reply.fallback.empty() ? no.reply.problem.title : no.reply.fallback);
    } catch (const kit::no_reply&) {
      hear(number, "please call again");
    }
  }

  void hang_up(const std::string& number) {
    for (const auto& [contact, caller] : calls())
      if (caller == number)
        abandon(contact);
  }

  /// Called for each event in order; those of other gateways' contacts are not ours.
  void tell(const kit::event& e) {
    const std::scoped_lock lock{guard_};
    const auto call = calls_.find(e.contact());
    if (call == calls_.end())
      return;
    if (const auto words = heard(e); !words.empty())
      hear(call->second, words);
    if (is_end(e))
      calls_.erase(call);
    changed_.notify_all();
  }

  /// Sends away who still waits, and hears the engine out.
  void close() {
    for (const auto& [contact, caller] : calls())
      abandon(contact);
    std::unique_lock lock{guard_};
    changed_.wait_for(lock, 10s, [&] { return calls_.empty(); });
  }

private:
  void abandon(const std::string& contact) {
    try {
      gateway_.abandon(contact);
    } catch (const std::exception&) {
      // It ended, or an agent has it and will finish it.
    }
  }

  std::map<std::string, std::string> calls() {
    const std::scoped_lock lock{guard_};
    return calls_;
  }

  static void hear(const std::string& number, const std::string& what) {
    std::cout << number << ": " << what << std::endl;
  }

  kit::gateway& gateway_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, std::string> calls_;  ///< contact: number
};

/// Lets the thread that follows out, however the exchange ends.
struct at_the_end {
  ~at_the_end() { events.close(); }
  kit::follower& events;
};

void follow(exchange& calls, const kit::gateway& gateway, kit::follower& events) {
  while (const auto event = events.wait()) {
    if (gateway.is_replaced(*event))
      std::_Exit(EXIT_FAILURE); // another process goes on under our name, session and all
    calls.tell(*event);
  }
}

} // namespace

int main() {
  try {
    kit::gateway gateway{"phone-exchange"};
    auto events = gateway.follow({"contact.", "session.replaced"});
    exchange calls{gateway};
    std::jthread follower{[&] { follow(calls, gateway, events); }};
    const at_the_end closing{events};
    std::string line, word, number, queue;
    while (word != "end" && std::getline(std::cin, line)) {
      word.clear(), number.clear(), queue = queue_default;
      std::istringstream{line} >> word >> number >> queue;
      if (word == "ring" && !number.empty())
        calls.ring(number, queue.empty() ? queue_default : queue);
      else if (word == "hang_up")
        calls.hang_up(number);
    }
    calls.close();
  } catch (const std::exception& broken) {
    std::cerr << broken.what() << '\n';
    return EXIT_FAILURE;
  }
}
