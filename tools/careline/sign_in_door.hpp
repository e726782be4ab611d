#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "gateway/ingress.hpp"
#include "gateway/people_keeper.hpp"
#include "messages/personal.hpp"
#include "messages/uuid.hpp"
#include "tools/careline/access_door.hpp"

namespace careline::program {

/// What the door of the pages works with. `submit` leads past the doors that refuse what only a
/// door may say.
struct sign_in_ports {
  const access_door& book;
  access_door& notes;
  sealer& keys;
  std::function<instant()> now;     ///< engine time
  std::function<instant()> id_now;  ///< by which ids of commands are made
  std::function<instant()> wall;    ///< by which authenticators count
  std::function<std::chrono::steady_clock::time_point()> steady;  ///< by which a session is idle
  std::function<void(command_envelope, gateway::respond)> submit;
};

/// Who is at a page: checks passwords and codes, one person after the other on a thread of its own,
/// and tells the engine what it found (`user.sign_in`, `user.fail_sign_in`), which decides.
class sign_in_door final : public gateway::people_keeper {
public:
  /// A session that nothing was asked in for so long has ended; an open page asks all the time.
  static constexpr std::chrono::minutes idle_within{30};
  static constexpr std::chrono::minutes idle_looked_for_each{1};
  static constexpr std::size_t waiting_max = 32;
  static constexpr std::ptrdiff_t waiting_of_host_max = 4;
  /// Names that nobody has, whose failures are counted so that guessing tells nothing.
  static constexpr std::size_t unknown_max = 4096;
  /// What fails takes at least so long, whatever is wrong.
  static constexpr std::chrono::milliseconds failing_takes{300};

  explicit sign_in_door(sign_in_ports ports);
  /// Who is being checked is still answered; who waits hears that the engine stops.
  ~sign_in_door() override;

  answer<gateway::visitor> visitor_of(const gateway::credential& shown) override;
  bool may_send(const gateway::visitor& who, std::string_view type) const override;
  bool may_see(const gateway::visitor& who, std::string_view event_type) const override;
  std::vector<std::string> visible_under(const gateway::visitor& who,
                                         std::string_view prefix) const override;
  void sign_in(gateway::sign_in_request asked,
               std::function<void(answer<gateway::signed_in>)> then) override;
  void sign_out(const gateway::credential& shown) override;
  std::string page_token(const gateway::credential& shown) const override;
  void note_refused(const client_id& client, std::string_view word, std::string_view code,
                    const std::string& host) override;

private:
  using clock = std::chrono::steady_clock;
  using one_waiting =
      std::pair<gateway::sign_in_request, std::function<void(answer<gateway::signed_in>)>>;

  /// A name that nobody has.
  struct unknown_name {
    int failures = 0;
    std::optional<instant> locked_until;
    clock::time_point last{};
  };

  void work();
  void do_one(const one_waiting& next);
  answer<gateway::signed_in> check(const gateway::sign_in_request& asked);
  answer<gateway::signed_in> check_known(const gateway::sign_in_request& asked,
                                         const security::client_access& of);
  answer<gateway::signed_in> let_in(const gateway::sign_in_request& asked,
                                    const security::client_access& proven, std::uint64_t step);
  problem check_unknown(const gateway::sign_in_request& asked);
  problem failed(const gateway::sign_in_request& asked, security::wrong_proof wrong);
  /// Says it to the engine and waits for what it answers.
  reply tell(std::string_view type, value data);
  answer<gateway::visitor> visitor_in(const std::string& token);
  answer<gateway::visitor> visitor_by(const std::string& api_key) const;
  gateway::visitor described(const security::access_book& book, const client_id& client) const;
  std::string new_id();
  void end_session(const client_id& client, const std::string& session, std::string_view reason);
  /// Ends the sessions that nobody has asked in for so long, whether anybody comes back or not.
  void end_idle(const security::access_book& book, clock::time_point now);

  sign_in_ports ports_;
  uuid7_maker ids_;
  std::mutex ids_mutex_;

  mutable std::mutex used_mutex_;
  std::map<std::string, clock::time_point> used_;  ///< sessions, by digest
  clock::time_point idle_looked_for_{};
  std::set<std::string> ended_;  ///< over for this door, though the log does not say so yet

  std::map<client_id, unknown_name> unknown_;  ///< of the thread

  std::mutex mutex_;
  std::condition_variable come_;
  std::deque<one_waiting> waiting_;
  bool stops_ = false;
  std::thread thread_;  ///< last: it uses the rest
};

} // namespace careline::program
