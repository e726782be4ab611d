#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "messages/catalogue.hpp"
#include "messages/uuid.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/gateway_checks.hpp"

// What is seen of a gateway without doing anything to it.

namespace careline::program {

namespace {

class hello_check final : public gateway_check {
  void heard(const heard_command& c, const gateway_talk&) override {
    if (c.what.type == session::session_hello::type) {
      said_hello_.emplace(c.what.data.text_or("name"));
      if (c.what.data.text_or("name").empty() || c.what.data.text_or("kind").empty())
        fail("its session.hello has no name or no kind", shown_of(c));
      else
        pass();
    }
    if (c.what.type == reception::contact_open::type && !said_hello_.contains(c.what.source))
      fail(fmt::format("it opened a contact as \"{}\", and no session.hello was of that name: "
                       "when it dies, nobody notices", c.what.source),
           shown_of(c));
  }

  std::set<std::string> said_hello_;
};

class beats_check final : public gateway_check {
  void happened(const event_record& e, const value& data, const gateway_talk& talk,
                span at) override {
    const auto name = data.text_or("session");
    if (e.type == session::session_replaced::type)
      replaced_.emplace(name);
    const auto* of = talk.find_session(name);
    if (e.type != session::session_lost::type || !of || talk.is_cut()
        || replaced_.contains(of->name))
      return;
    const auto* last = talk.last_of(of->name);
    fail(fmt::format("nothing came from \"{}\" for its lease of {} s, and its session was lost; "
                     "the last command came {:.1f} s before",
                     of->name, to_seconds(of->lease), last ? to_seconds(at - last->at) : 0),
         last ? shown_of(*last) : shown_of(e));
  }
  void end(const gateway_talk& talk, span at) override {
    for (const auto& [name, one] : talk.sessions())
      if (at - one.since >= one.lease)
        pass();
  }

  std::set<std::string> replaced_;
};

class ids_check final : public gateway_check {
  void heard(const heard_command& c, const gateway_talk& talk) override {
    if (!parse_uuid7(c.what.id))
      return fail(fmt::format("the id \"{}\" is no UUID of version 7", c.what.id), shown_of(c));
    const auto* first = talk.find_command(c.what.id);
    if (c.again && first && (first->what.type != c.what.type || form_of(*first) != form_of(c)))
      fail(fmt::format("the id {} was used before, for another command", c.what.id), shown_of(c));
    any_ = true;
  }
  void answered(const heard_command& c, const reply& r, const gateway_talk&) override {
    if (r.why && r.why->type == "command.id_reused")
      fail("the engine knows this id from another command", shown_of(c));
  }
  void end(const gateway_talk&, span) override {
    if (any_)
      pass();
  }
  /// Equal fields are equal in whatever order, and one that says its default is as good as none.
  static value form_of(const heard_command& c) {
    const auto read = read_command(c.what.type, c.what.data);
    return in_key_order(read ? data_of(*read, true) : c.what.data);
  }

  bool any_ = false;
};

class understood_check final : public gateway_check {
  void answered(const heard_command& c, const reply& r, const gateway_talk&) override {
    any_ = true;
    if (r.outcome == outcome_kind::invalid && r.why)
      fail(fmt::format("{} was not understood: {} {}", c.what.type, r.why->type,
                       sentence_of(*r.why)), shown_of(c));
  }
  void end(const gateway_talk&, span) override {
    if (any_)
      pass();
  }

  bool any_ = false;
};

class known_keys_check final : public gateway_check {
  void heard(const heard_command& c, const gateway_talk&) override {
    const auto known = field_names_of(c.what.type);
    const auto* data = c.what.data.as<value::map>();
    if (known.empty() || !data)
      return;
    any_ = true;
    for (const auto& [key, item] : *data)
      if (!item.is_nil() && key != "min_position" && std::ranges::find(known, key) == known.end())
        fail(fmt::format("{} has a key that the engine does not know: \"{}\"", c.what.type, key),
             shown_of(c));
  }
  void end(const gateway_talk&, span) override {
    if (any_)
      pass();
  }

  bool any_ = false;
};

/// By a key. Without one there is nobody who would turn a command away.
class rights_check final : public gateway_check {
  void answered(const heard_command& c, const reply& r, const gateway_talk& talk) override {
    if (talk.by_key().empty())
      return;
    any_ = true;
    if (r.why && r.why->type.starts_with("security."))
      fail(fmt::format("{} was turned away: {}", c.what.type, sentence_of(*r.why)), shown_of(c));
  }
  void end(const gateway_talk&, span) override {
    if (any_)
      pass();
  }

  bool any_ = false;
};

class ends_once_check final : public gateway_check {
  void heard(const heard_command& c, const gateway_talk& talk) override {
    if (c.again || c.what.type != routing::contact_abandon::type)
      return;
    const auto* of = talk.find_contact(c.what.data.text_or("contact"));
    const auto known = of ? of->end_known() : std::nullopt;
    if (known && !of->is_outside() && c.at >= *known + known_after)
      fail(fmt::format("it abandoned {}, which had ended by {}, as it was told {:.1f} s before",
                       of->id, of->ended_by, to_seconds(c.at - *known)),
           shown_of(c));
  }
  void end(const gateway_talk& talk, span) override {
    for (const auto& [id, one] : talk.contacts())
      if (one.ended && one.end_known())
        pass();
  }
};

class dial_report_check final : public gateway_check {
  static constexpr span within = 90s;

  void happened(const event_record& e, const value& data, const gateway_talk& talk,
                span at) override {
    if (e.type == routing::dial_requested::type && talk.find_contact(data.text_or("contact")))
      due_[std::string{data.text_or("contact")}] = {at + within, shown_of(e)};
    else if (is_end_of_contact(e.type, data))
      due_.erase(std::string{data.text_or("contact")});
  }
  void heard(const heard_command& c, const gateway_talk&) override {
    if (c.what.type == routing::dial_report::type
        && due_.erase(std::string{c.what.data.text_or("contact")}) > 0)
      pass();
  }
  void tick(const gateway_talk&, span at) override {
    std::erase_if(due_, [&](const auto& one) {
      if (at <= one.second.at)
        return false;
      fail(fmt::format("no dial.report of {} came within 90 s of dial.requested", one.first),
           one.second.shown);
      return true;
    });
  }
  bool is_waiting() const override { return !due_.empty(); }

  struct request {
    span at{};
    value shown;
  };
  std::map<std::string, request> due_;
};

} // namespace

std::unique_ptr<gateway_check> make_hello_check() {
  return std::make_unique<hello_check>();
}
std::unique_ptr<gateway_check> make_beats_check() {
  return std::make_unique<beats_check>();
}
std::unique_ptr<gateway_check> make_ids_check() {
  return std::make_unique<ids_check>();
}
std::unique_ptr<gateway_check> make_understood_check() {
  return std::make_unique<understood_check>();
}
std::unique_ptr<gateway_check> make_known_keys_check() {
  return std::make_unique<known_keys_check>();
}
std::unique_ptr<gateway_check> make_rights_check() {
  return std::make_unique<rights_check>();
}
std::unique_ptr<gateway_check> make_ends_once_check() {
  return std::make_unique<ends_once_check>();
}
std::unique_ptr<gateway_check> make_dial_report_check() {
  return std::make_unique<dial_report_check>();
}

} // namespace careline::program
