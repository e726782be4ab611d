#include "tools/careline/gateway_checks.hpp"

#include <array>

namespace careline::program {

namespace {

constexpr std::array rows{
    check_row{"hello", "says session.hello with a name and a kind before it opens contacts",
              "docs/wire.md, Sessions", &make_hello_check},
    check_row{"beats", "says something within its lease, always", "docs/wire.md, Sessions",
              &make_beats_check},
    check_row{"ids", "each command has an id of its own, a UUID of version 7",
              "docs/wire.md, Commands and replies", &make_ids_check},
    check_row{"understood", "the engine understands each command: none is answered invalid",
              "docs/wire.md, What is answered invalid here", &make_understood_check},
    check_row{"known_keys", "no command has a key that the engine does not know and leaves aside",
              "docs/wire.md, Bodies", &make_known_keys_check},
    check_row{"rights", "with a key: sends what a gateway's role has, under the key's name",
              "docs/wire.md, Keys and roles", &make_rights_check},
    check_row{"contact", "brings a contact that the engine takes, and that comes to its end",
              "docs/gateway.md, Follow, then open", &make_contact_trial},
    check_row{"asks_again", "asks again under the same id where no reply came",
              "docs/wire.md, No reply means unknown", &make_asks_again_trial},
    check_row{"busy", "after busy asks under the same id, not before retry_ms, or leaves it",
              "docs/wire.md, Commands and replies", &make_busy_trial},
    check_row{"lost_event", "reads an event that was lost from the log",
              "docs/wire.md, Never missing one", &make_lost_event_trial},
    check_row{"unknown_words", "is not disturbed by types and keys that it does not know",
              "docs/wire.md, Bodies", &make_unknown_words_trial},
    check_row{"diverted", "takes a contact that was put through to external:… as ended",
              "docs/gateway.md, What a good gateway does", &make_diverted_trial},
    check_row{"ends_once", "ends no contact that it knows to have ended",
              "docs/gateway.md, What a good gateway does", &make_ends_once_check},
    check_row{"dial_report", "reports within 90 s of dial.requested", "docs/gateway.md, 5",
              &make_dial_report_check},
    check_row{"comes_back", "says hello under the same name after its connection was lost",
              "docs/wire.md, Sessions", &make_comes_back_trial},
    check_row{"replaced", "says nothing more under a name that another process goes on under",
              "docs/gateway.md, What a good gateway does", &make_replaced_trial},
};

} // namespace

std::string_view word_of(verdict v) noexcept {
  switch (v) {
    case verdict::not_seen: return "not seen";
    case verdict::passed: return "passed";
    case verdict::failed: break;
  }
  return "failed";
}

std::span<const check_row> check_rows() noexcept {
  return rows;
}

void gateway_check::fail(std::string sentence, value shown) {
  if (said_ == verdict::failed)
    return;
  said_ = verdict::failed;
  sentence_ = std::move(sentence);
  shown_ = std::move(shown);
}

value shown_of(const heard_command& c) {
  value out{value::map{}};
  out.add("id", c.what.id);
  out.add("type", c.what.type);
  out.add("source", c.what.source);
  if (const auto read = read_command(c.what.type, c.what.data))
    out.add("data", data_of(*read, false));
  return out;
}

value shown_of(const event_record& e) {
  value out{value::map{}};
  out.add("position", e.at);
  out.add("type", e.type);
  out.add("subject", e.subject);
  return out;
}

} // namespace careline::program
