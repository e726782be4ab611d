#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/fields.hpp"

// The tables that reception works by, as operators change them while it runs. Each is text of the
// operator's own, in clear: nothing of a person is in it.

namespace careline::reception {

/// What the centre is there for (R1.1.1).
enum class duty_class { consult, business, fault, complaint, support };
constexpr auto names(duty_class) {
  using enum duty_class;
  return std::to_array<std::pair<duty_class, std::string_view>>({{consult, "consult"},
                                                                 {business, "business"},
                                                                 {fault, "fault"},
                                                                 {complaint, "complaint"},
                                                                 {support, "support"}});
}

/// One row of the triage table (R2.1.3): a need that holds the word leads to the queue or area.
struct triage_row {
  using has_field_list = void;
  std::string need{};  ///< as the person says, presses or chooses it
  queue_id queue{};
  std::string duty{};  ///< one of the five; may be empty
  area_id area{};      ///< instead of the queue
  code_word business{};
  std::optional<int> complexity{};  ///< 1 to 3
  std::optional<int> urgency{};     ///< for who brings none

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("need", x.need);
    v.may("queue", x.queue);
    v.may("duty", x.duty);
    v.may("area", x.area);
    v.may("business", x.business);
    v.may("complexity", x.complexity);
    v.may("urgency", x.urgency);
  }
  friend bool operator==(const triage_row&, const triage_row&) = default;
};

/// Puts a table in place of the one in force.
struct triage_define {
  using has_field_list = void;
  static constexpr std::string_view type = "triage.define";
  std::vector<triage_row> rows;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("rows", x.rows);
  }
};

struct triage_defined : triage_define {
  static constexpr std::string_view type = "triage.defined";
  int number = 0;  ///< counts the tables up; the configuration's has none

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    triage_define::fields(v, x);
    v.must("version", x.number);
  }
};

enum class area_kind { self_service, counter, specialist };
constexpr auto names(area_kind) {
  using enum area_kind;
  return std::to_array<std::pair<area_kind, std::string_view>>(
      {{self_service, "self_service"}, {counter, "counter"}, {specialist, "specialist"}});
}

/// Local hours on some days of the week.
struct weekly_hours {
  using has_field_list = void;
  std::vector<int> weekdays;  ///< 1 Monday .. 7 Sunday
  std::string from;           ///< "08:30"
  std::string to;             ///< later than from, at most "24:00"

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("weekdays", x.weekdays);
    v.must("from", x.from);
    v.must("to", x.to);
  }
  friend bool operator==(const weekly_hours&, const weekly_hours&) = default;
};

/// A date with hours of its own, whatever the day of the week; without hours it is open all day.
struct open_date {
  using has_field_list = void;
  std::string date;  ///< "2026-10-01"
  std::string from;
  std::string to;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("date", x.date);
    v.may("from", x.from);
    v.may("to", x.to);
  }
  friend bool operator==(const open_date&, const open_date&) = default;
};

/// Where people are led to, and when it is open (R2.1.4). Without hours it never closes.
struct service_area {
  using has_field_list = void;
  area_id area;
  area_kind kind = area_kind::counter;
  queue_id queue;
  site_id site;                         ///< closed with it
  std::vector<weekly_hours> open;
  std::vector<std::string> closed_on;   ///< dates
  std::vector<open_date> open_on;
  std::string otherwise;                ///< when closed: an area, a queue or a place outside; none:
                                        ///< the default queue

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("area", x.area);
    v.must("kind", x.kind);
    v.must("queue", x.queue);
    v.may("site", x.site);
    v.may("open", x.open);
    v.may("closed_on", x.closed_on);
    v.may("open_on", x.open_on);
    v.may("otherwise", x.otherwise);
  }
  friend bool operator==(const service_area&, const service_area&) = default;
};

struct area_define : service_area {
  static constexpr std::string_view type = "area.define";
};
struct area_defined : service_area {
  static constexpr std::string_view type = "area.defined";
};

struct area_remove {
  using has_field_list = void;
  static constexpr std::string_view type = "area.remove";
  area_id area;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("area", x.area);
  }
};
struct area_removed : area_remove {
  static constexpr std::string_view type = "area.removed";
};

/// What agents and machines say, in a language, on a channel or on any (R2.2.4).
struct wording_define {
  using has_field_list = void;
  static constexpr std::string_view type = "wording.define";
  code_word wording;   ///< greeting, reminder_password, …
  code_word language;
  channel_id channel;
  std::string text;    ///< may have {ticket}, {wait_s} and {queue}

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("wording", x.wording);
    v.must("language", x.language);
    v.may("channel", x.channel);
    v.must("text", x.text);
  }
};

struct wording_defined : wording_define {
  static constexpr std::string_view type = "wording.defined";
  int number = 0;  ///< counts this wording up, in this language and on this channel

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    wording_define::fields(v, x);
    v.must("version", x.number);
  }
};

/// Puts a list of words that neither agents nor machines say in place of the one in force.
struct wording_forbid {
  using has_field_list = void;
  static constexpr std::string_view type = "wording.forbid";
  std::vector<std::string> words;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("words", x.words);
  }
};
struct wording_forbidden : wording_forbid {
  static constexpr std::string_view type = "wording.forbidden";
};

/// A document that a business needs of a person.
struct document_row {
  using has_field_list = void;
  code_word document;
  bool required = true;
  std::string note;  ///< the operator's: "original and copy"

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("document", x.document);
    v.may("required", x.required);
    v.may("note", x.note);
  }
  friend bool operator==(const document_row&, const document_row&) = default;
};

/// What is to be brought for a business (R2.1.5).
struct materials_define {
  using has_field_list = void;
  static constexpr std::string_view type = "materials.define";
  code_word business;
  std::vector<document_row> documents;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("business", x.business);
    v.must("documents", x.documents);
  }
};
struct materials_defined : materials_define {
  static constexpr std::string_view type = "materials.defined";
};

} // namespace careline::reception
