#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/client.hpp"

namespace careline::simulation {

/// A client with a session on the bus: says hello when it comes, and beats.
class session_client : public client {
public:
  using client::client;
  static constexpr span lease{5000};

protected:
  void act() override;
  void came_back() override { is_known_ = is_asking_ = false; }
  virtual void work() = 0;
  /// Asks what became of a contact.
  void look_up(const std::string& contact);

private:
  bool is_known_ = false;
  bool is_asking_ = false;
  span beat_at_{};
};

/// Queues, and sometimes another policy for one of them; now and then a hand in what others do.
class supervisor final : public session_client {
public:
  using session_client::session_client;
  bool has_begun() const noexcept { return defined_ >= 3; }

protected:
  void saw(const event_record& r, const event& e) override;
  void work() override;

private:
  void define(int which);
  void step_in();
  routing::offer_made offer_;         ///< the last one that was made
  contact_id talk_;                   ///< the last that was connected
  std::vector<std::string> known_;    ///< contacts that were opened
  std::set<contact_id> pulled_back_;  ///< once each: nobody is to be without agents
  std::optional<int> removed_;        ///< a queue that is to be made anew
  int asked_ = 0;
  int defined_ = 0;
};

/// Brings contacts of one channel: opens, waits with a patience, hangs up, says lines, calls back.
class gateway_client final : public session_client {
public:
  gateway_client(setting& all, std::string name, ports to, std::string channel, int contacts);
  /// Somebody needs help at once, whatever else is going on.
  void call_for_help() { open(true); }
  /// All of its contacts were opened, and have ended as far as it knows.
  bool is_done() const;

protected:
  void saw(const event_record& r, const event& e) override;
  void work() override;

private:
  struct row {
    span gives_up_at{};
    span dials_at{};
    bool waits = true;
    bool has_ended = false;
    std::string dialled_for;  ///< agent
  };

  void open(bool safety);
  void attend(const std::string& contact, row& r);

  std::string channel_;
  int left_;
  int named_ = 0;
  std::map<std::string, row> contacts_;
};

/// Signs in, takes offers or does not, talks, passes on, wraps up, has a rest.
class agent_client final : public session_client {
public:
  agent_client(setting& all, std::string name, ports to);

protected:
  void saw(const event_record& r, const event& e) override;
  void came_back() override;
  void work() override;

private:
  enum class doing { answer, talk, leave };
  struct task {
    doing what;
    span at{};
  };

  void sign_in();
  void look_around();
  void answer(const std::string& contact);
  void talk(const std::string& contact);
  void ask_colleague(const std::string& contact);
  void follow_parties(const event& e);
  void follow_state(const routing::agent_state_changed& x);

  bool signed_in_ = false;
  bool asking_ = false;
  span look_at_{};
  span ready_at_ = span::max();
  span wrap_up_at_ = span::max();
  std::string state_;
  std::map<std::string, task> tasks_;
  std::set<std::string> held_;
  std::map<std::string, std::string> consults_;  ///< its questions, by what they are about
  int asked_ = 0;
  std::string others_;  ///< a contact that somebody else has in talk
};

} // namespace careline::simulation
