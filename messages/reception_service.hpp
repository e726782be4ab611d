#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/fields.hpp"
#include "messages/reception_tables.hpp"

// What reception does for a person beside opening the contact.

namespace careline::reception {

/// What a contact is about.
struct contact_class {
  using has_field_list = void;
  std::string duty;
  code_word business;
  std::optional<int> complexity;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("duty", x.duty);
    v.may("business", x.business);
    v.may("complexity", x.complexity);
  }
  friend auto operator<=>(const contact_class&, const contact_class&) = default;
};

/// Whoever served a contact corrects what it is about (R2.1.3); what is left out stays as it was.
struct contact_classify {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.classify";
  contact_id contact;
  agent_id by;
  duty_class duty = duty_class::consult;
  code_word business;
  std::optional<int> complexity;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("by", x.by);
    v.must("duty", x.duty);
    v.may("business", x.business);
    v.may("complexity", x.complexity);
  }
};

struct contact_classified {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.classified";
  contact_id contact;
  agent_id by;
  std::string duty;
  code_word business;
  std::optional<int> complexity;
  contact_class was;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("by", x.by);
    v.must("duty", x.duty);
    v.may("business", x.business);
    v.may("complexity", x.complexity);
    v.must("was", x.was);
  }
};

/// A line that an agent or a machine was about to say held a forbidden word, and was not said.
struct contact_wording_refused {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.wording_refused";
  contact_id contact;
  std::string from;  ///< agent or system
  std::string word;  ///< as the list has it

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("from", x.from);
    v.must("word", x.word);
  }
};

/// A person is told what to bring for a business.
struct contact_issue_materials {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.issue_materials";
  contact_id contact;
  code_word business;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("business", x.business);
  }
};

struct contact_materials_issued {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.materials_issued";
  contact_id contact;
  code_word business;
  std::vector<document_row> documents;  ///< as the list stood

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("business", x.business);
    v.must("documents", x.documents);
  }
};

/// A person shows what was asked for. Which documents, not what stands in them.
struct contact_present_materials {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.present_materials";
  contact_id contact;
  std::vector<code_word> documents;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("documents", x.documents);
  }
};

struct contact_materials_presented {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.materials_presented";
  contact_id contact;
  std::vector<code_word> presented;  ///< now, for the first time
  std::vector<code_word> missing;    ///< that are required and were not shown yet

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("presented", x.presented);
    v.may("missing", x.missing);
  }
};

/// What the person was told to mind when the service ended (R2.1.8), by the words of the list.
struct contact_remind {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.remind";
  contact_id contact;
  std::vector<code_word> wordings;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("wordings", x.wordings);
  }
};
/// Those that the person was not told before.
struct contact_reminded : contact_remind {
  static constexpr std::string_view type = "contact.reminded";
};

/// Somebody begins to help himself, at a machine or a menu. What for is a choice, not a sentence:
/// nothing said of a person is in it.
struct self_service_open {
  using has_field_list = void;
  static constexpr std::string_view type = "self_service.open";
  episode_id episode;  ///< absent: the engine makes one and returns it
  channel_id channel;
  code_word need;
  code_word business;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("episode", x.episode);
    v.must("channel", x.channel);
    v.may("need", x.need);
    v.may("business", x.business);
  }
};
struct self_service_opened : self_service_open {
  static constexpr std::string_view type = "self_service.opened";
};

enum class self_service_outcome { solved, handed_over, left };
constexpr auto names(self_service_outcome) {
  using enum self_service_outcome;
  return std::to_array<std::pair<self_service_outcome, std::string_view>>(
      {{solved, "solved"}, {handed_over, "handed_over"}, {left, "left"}});
}

/// It ended: the person has what he came for, went on to an agent by `contact`, or went away.
struct self_service_end {
  using has_field_list = void;
  static constexpr std::string_view type = "self_service.end";
  episode_id episode;
  self_service_outcome outcome = self_service_outcome::solved;
  contact_id contact;  ///< with handed_over

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("episode", x.episode);
    v.must("outcome", x.outcome);
    v.may("contact", x.contact);
  }
};
struct self_service_ended : self_service_end {
  static constexpr std::string_view type = "self_service.ended";
};

} // namespace careline::reception
