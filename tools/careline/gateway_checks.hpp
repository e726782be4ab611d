#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/bus/bus_relay.hpp"
#include "tools/careline/gateway_talk.hpp"

namespace careline::program {

enum class verdict { not_seen, passed, failed };
std::string_view word_of(verdict v) noexcept;

/// After so long whoever was told of something knows it: what it says then is no crossing of two
/// messages on their way.
inline constexpr span known_after = 200ms;

/// One thing that is required of a gateway. It sees all that passes, in order, one after the other.
class gateway_check {
public:
  virtual ~gateway_check() = default;

  virtual void heard(const heard_command&, const gateway_talk&) {}
  virtual void answered(const heard_command&, const reply&, const gateway_talk&) {}
  virtual void happened(const event_record&, const value&, const gateway_talk&, span) {}
  /// Now and then, and at the end of the talk.
  virtual void tick(const gateway_talk&, span) {}
  virtual void end(const gateway_talk&, span) {}
  /// Something is due that the talk should not end before.
  virtual bool is_waiting() const { return false; }

  verdict said() const noexcept { return said_; }
  const std::string& sentence() const noexcept { return sentence_; }
  /// The command or event that shows it; nil for none.
  const value& shown() const noexcept { return shown_; }

protected:
  void pass() { said_ = said_ == verdict::not_seen ? verdict::passed : said_; }
  /// The first failure is kept.
  void fail(std::string sentence, value shown = {});

private:
  verdict said_ = verdict::not_seen;
  std::string sentence_;
  value shown_;
};

/// What a trial has done for it by whoever holds the talk.
enum class trial_wish {
  fill_queues,    ///< whoever comes now is put through to a place outside
  empty_queues,   ///< and now no more
  cut,            ///< nothing reaches the gateway, and its connections end
  reconnect,      ///< and it may come back
  succeed,        ///< another process says hello under its name
  ask_to_leave,   ///< the person is asked to let the one who arrived leave again
};

/// A check that has to interfere to see anything; one at a time.
class gateway_trial : public gateway_check {
public:
  /// What the person is asked to do; empty for nothing.
  virtual std::string_view asks() const { return "let a person arrive"; }
  virtual void begin(const gateway_talk&, span at) = 0;
  /// It has seen what there is to see. Asked now and then, between `begin` and then.
  virtual bool is_over(const gateway_talk&, span at) = 0;
  virtual gateway::bus::relayed meddle(const heard_command&, value&, std::vector<value>&) {
    return gateway::bus::relayed::as_it_came;
  }
  virtual gateway::bus::relayed meddle(const reply&, value&, span) {
    return gateway::bus::relayed::as_it_came;
  }
  virtual gateway::bus::relayed meddle(const event_record&, value&, std::vector<value>&,
                                       const gateway_talk&, span) {
    return gateway::bus::relayed::as_it_came;
  }

  std::vector<trial_wish> take_wishes() { return std::exchange(wishes_, {}); }
  /// How long something may take that has no limit of its own.
  void allow(span patience) { patience_ = patience; }

protected:
  void wish(trial_wish one) { wishes_.push_back(one); }
  span patience() const noexcept { return patience_; }

private:
  std::vector<trial_wish> wishes_;
  span patience_ = 20s;
};

/// One row a check.
struct check_row {
  std::string_view name;
  std::string_view required;
  std::string_view source;
  std::unique_ptr<gateway_check> (*make)();
};
/// In the order in which trials are held.
std::span<const check_row> check_rows() noexcept;

/// As it may be shown: without personal values.
value shown_of(const heard_command& c);
value shown_of(const event_record& e);

// The rows' makers, by file.
std::unique_ptr<gateway_check> make_hello_check();
std::unique_ptr<gateway_check> make_beats_check();
std::unique_ptr<gateway_check> make_ids_check();
std::unique_ptr<gateway_check> make_understood_check();
std::unique_ptr<gateway_check> make_known_keys_check();
std::unique_ptr<gateway_check> make_rights_check();
std::unique_ptr<gateway_check> make_ends_once_check();
std::unique_ptr<gateway_check> make_dial_report_check();

std::unique_ptr<gateway_check> make_contact_trial();
std::unique_ptr<gateway_check> make_asks_again_trial();
std::unique_ptr<gateway_check> make_busy_trial();
std::unique_ptr<gateway_check> make_lost_event_trial();
std::unique_ptr<gateway_check> make_unknown_words_trial();
std::unique_ptr<gateway_check> make_diverted_trial();
std::unique_ptr<gateway_check> make_comes_back_trial();
std::unique_ptr<gateway_check> make_replaced_trial();

} // namespace careline::program
