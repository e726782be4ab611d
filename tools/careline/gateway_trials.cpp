#include <algorithm>
#include <fmt/format.h>

#include "tools/careline/asking.hpp"
#include "tools/careline/gateway_checks.hpp"

// What is done to a contact of a gateway to see what it does then.

namespace careline::program {

namespace {

using gateway::bus::relayed;

/// After the end of a contact so long is waited for what the gateway still says of it.
constexpr span settles_in = 500ms;
constexpr std::string_view outside = "external:verify";

/// A trial of the first contact that is opened in it.
class contact_trial : public gateway_trial {
public:
  void begin(const gateway_talk&, span) override { is_on_ = true; }
  void heard(const heard_command& c, const gateway_talk&) override {
    if (is_on_ && !opening_ && !c.again && c.what.type == reception::contact_open::type)
      opening_ = c;
  }
  void answered(const heard_command& c, const reply& r, const gateway_talk&) override {
    if (is_opening(c) && r.outcome == outcome_kind::refused)
      is_refused_ = true;
  }

protected:
  bool is_on() const noexcept { return is_on_; }
  bool is_opening(const heard_command& c) const {
    return opening_ && c.what.id == opening_->what.id;
  }
  const std::optional<heard_command>& opening() const noexcept { return opening_; }
  const gateway_talk::contact* its_contact(const gateway_talk& talk) const {
    return opening_ ? talk.contact_opened_by(opening_->what.id) : nullptr;
  }
  /// The contact has ended, and a moment has passed since; or there is none to wait for.
  bool is_settled(const gateway_talk& talk, span at) const {
    if (is_refused_)
      return true;
    const auto* c = its_contact(talk);
    return c && c->ended && c->opening_told
           && at >= std::max(*c->ended, *c->opening_told) + settles_in;
  }
  void stop() { is_on_ = false; }

private:
  bool is_on_ = false;
  bool is_refused_ = false;
  std::optional<heard_command> opening_;
};

class plain_contact_trial final : public contact_trial {
  void answered(const heard_command& c, const reply& r, const gateway_talk& talk) override {
    contact_trial::answered(c, r, talk);
    if (is_opening(c) && r.outcome == outcome_kind::refused && r.why)
      fail("contact.open was refused: " + sentence_of(*r.why), shown_of(c));
  }
  bool is_over(const gateway_talk& talk, span at) override {
    if (const auto* c = its_contact(talk); c && c->ended)
      pass();
    return is_settled(talk, at);
  }
};

/// The first reply is withheld until the command comes again.
class asks_again_trial final : public contact_trial {
  relayed meddle(const reply& r, value&, span) override {
    const bool is_it = is_on() && opening() && r.id == opening()->what.id;
    return is_it && said() == verdict::not_seen ? relayed::withheld : relayed::as_it_came;
  }
  void heard(const heard_command& c, const gateway_talk& talk) override {
    contact_trial::heard(c, talk);
    if (is_opening(c) && c.again)
      pass();
    else if (opening() && !c.again && c.what.type == reception::contact_open::type
             && !is_opening(c) && c.what.data == opening()->what.data)
      another_id_ = c.what.id;
  }
  bool is_over(const gateway_talk& talk, span at) override {
    if (opening() && said() == verdict::not_seen && at >= opening()->at + patience())
      fail(fmt::format("the reply to this contact.open was lost, and it did not come again under "
                       "its id in {} s{}", to_seconds(patience()),
                       another_id_.empty() ? "" : ", but under " + another_id_),
           shown_of(*opening()));
    return said() == verdict::failed || is_settled(talk, at);
  }

  std::string another_id_;
};

/// The first contact.open is answered `busy` and does not reach the engine.
class busy_trial final : public contact_trial {
  static constexpr std::int64_t retry_ms = 800;
  static constexpr span clocks_differ_by = 5ms;

  relayed meddle(const heard_command& c, value&, std::vector<value>& answers) override {
    if (!is_on() || !is_opening(c) || c.again)
      return relayed::as_it_came;
    auto busy = refuse(c.what.id, because("engine.busy"));
    busy.retry_ms = retry_ms;
    busy.fallback = "announcement:try_later";
    answers.push_back(to_value(busy));
    return relayed::withheld;
  }
  void heard(const heard_command& c, const gateway_talk& talk) override {
    contact_trial::heard(c, talk);
    if (!opening() || said() != verdict::not_seen)
      return;
    const auto after = c.at - opening()->at;
    if (is_opening(c) && c.again) {
      came_again_ = true;
      if (after < span{retry_ms} - clocks_differ_by)
        fail(fmt::format("it was told busy and retry_ms {}, and asked again after {} ms", retry_ms,
                         after.count()), shown_of(c));
      else
        pass();
      return;
    }
    const auto name = opening()->what.data.text_or("contact");
    if (!is_opening(c) && c.what.type == reception::contact_open::type && !name.empty()
        && c.what.data.text_or("contact") == name)
      fail("it was told busy, and asked for the same contact under another id", shown_of(c));
  }
  bool is_over(const gateway_talk& talk, span at) override {
    if (said() == verdict::failed)
      return true;
    // Sending the person to the fallback is as good.
    if (opening() && !came_again_ && at >= opening()->at + patience()) {
      pass();
      return true;
    }
    return is_settled(talk, at);
  }

  bool came_again_ = false;
};

/// The first event of the contact does not reach the gateway.
class lost_event_trial final : public contact_trial {
  relayed meddle(const event_record& e, value&, std::vector<value>&, const gateway_talk& talk,
                 span at) override {
    const auto* its = its_contact(talk);
    const bool is_of_it =
        opening() && (e.causation == opening()->what.id || (its && e.correlation == its->id));
    if (!is_on() || lost_ || !is_of_it)
      return relayed::as_it_came;
    lost_ = e;
    lost_at_ = at;
    return relayed::withheld;
  }
  void heard(const heard_command& c, const gateway_talk& talk) override {
    contact_trial::heard(c, talk);
    if (!lost_ || c.what.type != query::log_read::type)
      return;
    const auto after = c.what.data.int_or("after", 0);
    if (after >= 0 && static_cast<position>(after) < lost_->at && takes(c.what.data, lost_->type))
      pass();
  }
  static bool takes(const value& data, std::string_view type) {
    const auto* types = data.find("types");
    const auto* list = types ? types->as<value::list>() : nullptr;
    return !list || list->empty() || std::ranges::any_of(*list, [&](const value& one) {
      const auto* t = one.as<std::string>();
      return t && (*t == type || (t->ends_with('.') && type.starts_with(*t)));
    });
  }
  bool is_over(const gateway_talk& talk, span at) override {
    if (lost_ && said() == verdict::not_seen && at >= lost_at_ + patience())
      fail(fmt::format("the event {} at {} did not reach it, and it did not ask log.read for what "
                       "comes behind {} in {} s", lost_->type, lost_->at, lost_->at - 1,
                       to_seconds(patience())),
           shown_of(*lost_));
    return said() == verdict::failed
           || (is_settled(talk, at) && (!lost_ || said() != verdict::not_seen));
  }

  std::optional<event_record> lost_;
  span lost_at_{};
};

/// Replies and events have keys that nobody knows, and events of a type that nobody knows come.
class unknown_words_trial final : public contact_trial {
  static constexpr std::string_view key = "verify_unknown";

  relayed meddle(const reply& r, value& body, span at) override {
    if (!is_on() || !opening() || r.outcome != outcome_kind::accepted)
      return relayed::as_it_came;
    return add_to(body, at);
  }
  relayed meddle(const event_record& e, value& body, std::vector<value>& after,
                 const gateway_talk&, span at) override {
    if (!is_on() || !opening())
      return relayed::as_it_came;
    // At the place of one that was told: a reader who counts has it already.
    auto unknown = body;
    unknown.set("type", e.type.substr(0, e.type.find('.') + 1) + std::string{key});
    after.push_back(std::move(unknown));
    return add_to(body, at);
  }
  relayed add_to(value& body, span at) {
    const value odd{value::map{{"of", value::list{value{1}, value{"2"}}}}};
    body.set(key, odd);
    if (auto* fields = body.as<value::map>())
      for (auto& [name, item] : *fields)
        if (name == "data" && item.is_map())
          item.set(key, odd);
    told_at_ = at;
    return relayed::changed;
  }
  void heard(const heard_command& c, const gateway_talk& talk) override {
    contact_trial::heard(c, talk);
    heard_at_ = c.at;
  }
  bool is_over(const gateway_talk& talk, span at) override {
    if (!is_settled(talk, at) && said() == verdict::not_seen)
      return false;
    stop();
    judge(talk, at);
    return said() != verdict::not_seen || !told_at_;
  }
  void end(const gateway_talk& talk, span at) override { judge(talk, at); }
  void judge(const gateway_talk& talk, span at) {
    if (!told_at_ || said() != verdict::not_seen)
      return;
    const auto* from = opening() ? talk.find_session(opening()->what.source) : nullptr;
    const auto silence_max = from ? from->lease + 1s : patience();
    if (heard_at_ > *told_at_)
      pass();
    else if (at >= *told_at_ + silence_max)
      fail(fmt::format("after replies and events with \"{}\" in them nothing more came of it", key),
           shown_of(*opening()));
  }

  std::optional<span> told_at_;
  span heard_at_{};
};

/// The queue is full and sends on to a place outside.
class diverted_trial final : public contact_trial {
  static constexpr span watched_for = 2s;

  void begin(const gateway_talk& talk, span at) override {
    contact_trial::begin(talk, at);
    wish(trial_wish::fill_queues);
  }
  void answered(const heard_command& c, const reply& r, const gateway_talk& talk) override {
    contact_trial::answered(c, r, talk);
    if (is_opening(c) && r.outcome == outcome_kind::accepted
        && r.data.text_or("to").starts_with("external:"))
      contact_ = r.data.text_or("contact");
  }
  void heard(const heard_command& c, const gateway_talk& talk) override {
    contact_trial::heard(c, talk);
    if (asked_at_ && !c.again && c.what.data.text_or("contact") == contact_
        && (c.what.type == routing::contact_abandon::type
            || c.what.type == routing::contact_finish::type))
      fail(fmt::format("{} was put through to {}, which is its end, and then came {}", contact_,
                       outside, c.what.type), shown_of(c));
  }
  bool is_over(const gateway_talk& talk, span at) override {
    if (!contact_.empty() && !told_at_)
      told_at_ = at;
    if (told_at_ && !asked_at_ && at >= *told_at_ + known_after) {
      wish(trial_wish::ask_to_leave);
      asked_at_ = at;
    }
    if (asked_at_ && at >= *asked_at_ + watched_for)
      pass();
    const bool over = said() != verdict::not_seen || (!told_at_ && is_settled(talk, at));
    if (over)
      wish(trial_wish::empty_queues);
    return over;
  }

  std::string contact_;
  std::optional<span> told_at_;
  std::optional<span> asked_at_;
};

/// Its connections end, for longer than its lease.
class comes_back_trial final : public gateway_trial {
  std::string_view asks() const override { return {}; }
  void begin(const gateway_talk& talk, span at) override {
    const auto* who = talk.speaker();
    if (!who || !who->open)
      return;
    name_ = who->name;
    cut_at_ = at;
    wish(trial_wish::cut);
  }
  void happened(const event_record& e, const value& data, const gateway_talk&, span) override {
    if (e.type == session::session_lost::type && data.text_or("session") == name_)
      is_lost_ = true;
  }
  void heard(const heard_command& c, const gateway_talk&) override {
    if (!back_at_)
      return;
    last_ = c;
    if (c.what.type == session::session_hello::type && c.what.data.text_or("name") == name_)
      pass();
  }
  bool is_over(const gateway_talk&, span at) override {
    if (!cut_at_)
      return true;
    if (is_lost_ && !back_at_) {
      back_at_ = at;
      wish(trial_wish::reconnect);
    }
    if (back_at_ && said() == verdict::not_seen && at >= *back_at_ + patience())
      fail(fmt::format("its session was lost with its connection, and no session.hello of \"{}\" "
                       "came in {} s after it could connect again; {}", name_,
                       to_seconds(patience()),
                       last_ ? "it said " + last_->what.type : std::string{"it said nothing"}),
           last_ ? shown_of(*last_) : value{});
    return said() != verdict::not_seen;
  }

  std::string name_;
  std::optional<span> cut_at_;
  std::optional<span> back_at_;
  bool is_lost_ = false;
  std::optional<heard_command> last_;
};

/// Another process says hello under its name.
class replaced_trial final : public gateway_trial {
  /// What it had on its way, and what it takes to end.
  static constexpr span ends_in = 1s;

  std::string_view asks() const override { return {}; }
  void begin(const gateway_talk& talk, span) override {
    const auto* who = talk.speaker();
    if (!who || !who->open)
      return;
    name_ = who->name;
    lease_ = who->lease;
    wish(trial_wish::succeed);
  }
  void happened(const event_record& e, const value& data, const gateway_talk&, span at) override {
    if (e.type == session::session_replaced::type && data.text_or("session") == name_)
      told_at_ = at;
  }
  void heard(const heard_command& c, const gateway_talk& talk) override {
    if (!told_at_ || c.what.source != name_ || c.at < *told_at_ + known_after)
      return;
    if (c.what.type == session::session_close::type)
      fail("it was replaced, and closed the session of the one that goes on", shown_of(c));
    else if (c.at >= *told_at_ + ends_in)
      fail(fmt::format("it was replaced {:.1f} s before and goes on under the name{}",
                       to_seconds(c.at - *told_at_),
                       talk.is_subscribed(session::session_replaced::type)
                           ? "" : ": it has not subscribed to session.replaced"),
           shown_of(c));
  }
  bool is_over(const gateway_talk&, span at) override {
    if (name_.empty())
      return true;
    // One that lives says something within its lease.
    if (told_at_ && at >= *told_at_ + ends_in + lease_)
      pass();
    return said() != verdict::not_seen;
  }

  std::string name_;
  span lease_{};
  std::optional<span> told_at_;
};

} // namespace

std::unique_ptr<gateway_check> make_contact_trial() {
  return std::make_unique<plain_contact_trial>();
}
std::unique_ptr<gateway_check> make_asks_again_trial() {
  return std::make_unique<asks_again_trial>();
}
std::unique_ptr<gateway_check> make_busy_trial() {
  return std::make_unique<busy_trial>();
}
std::unique_ptr<gateway_check> make_lost_event_trial() {
  return std::make_unique<lost_event_trial>();
}
std::unique_ptr<gateway_check> make_unknown_words_trial() {
  return std::make_unique<unknown_words_trial>();
}
std::unique_ptr<gateway_check> make_diverted_trial() {
  return std::make_unique<diverted_trial>();
}
std::unique_ptr<gateway_check> make_comes_back_trial() {
  return std::make_unique<comes_back_trial>();
}
std::unique_ptr<gateway_check> make_replaced_trial() {
  return std::make_unique<replaced_trial>();
}

} // namespace careline::program
