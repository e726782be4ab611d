#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "actors/kernel/capability.hpp"
#include "messages/session.hpp"

namespace careline::kernel {

/// Sessions of clients on the bus, as leases (contract §2 "Sessions"). Its `now` is the steady
/// clock's (design §5.8), not engine time: a lease measures silence, and silence is real.
///
///   (none) --hello--> open --silence of lease_s--> lost --hello--> open
///   open --hello of another instance--> replaced + resumed;  open, lost --close--> (none)
class session_model final : public capability {
public:
  std::string_view name() const noexcept override { return "session"; }

  answer<decision> decide(const command& c, const turn_context& in) const override;
  /// Nothing is handed over to sessions.
  answer<decision> take_over(const command& c, const decision& from,
                             const turn_context& in) const override;
  void evolve(const event& e, instant at) override;
  std::optional<instant> wakes_at() const override;
  std::vector<event> due(const turn_context& in) override;
  std::vector<event> settle(const turn_context&) override { return {}; }
  std::vector<event> react(const event&, const turn_context&) const override { return {}; }
  answer<value> ask(const command& query, const turn_context& in) const override;
  value save() const override;
  bool load(const value& state) override;
  value part(std::string_view subject) const override { return subject.empty() ? save() : value{}; }

  /// Something was heard from `client`: its lease runs anew.
  void touch(std::string_view client, instant now);
  /// After a restart nobody has been heard yet: every open lease runs anew and `grace` longer.
  void restart(instant now, span grace);

  std::size_t open_count() const noexcept { return open_count_; }

  /// Sessions that were lost and not taken up again are forgotten beyond so many, oldest first.
  static constexpr std::size_t lost_max = 10'000;

private:
  struct row {
    session::session_facts facts;
    bool open = false;            ///< else lost
    instant lapses{};             ///< when silence has lasted too long; only while open
    instant armed{};              ///< its entry in deadlines_, at or before `lapses`
    std::uint64_t lost_order = 0;
  };

  answer<decision> hello(const session::session_hello& x, const turn_context& in) const;
  answer<decision> close(const session_name& name) const;
  const row* find(const session_name& name) const;
  void begin(const session::session_facts& facts, instant at);
  void lose(const session::session_facts& facts);
  void arm(const std::string& name, row& r, instant at);
  void disarm(const std::string& name, const row& r);
  void forget(const std::string& name);

  std::unordered_map<std::string, row> rows_;
  /// A touch does not move an entry: it is checked, and put further on, when it falls due.
  std::set<std::pair<instant, std::string>> deadlines_;
  std::map<std::uint64_t, std::string> lost_;
  std::uint64_t losses_ = 0;
  std::size_t open_count_ = 0;
};

} // namespace careline::kernel
