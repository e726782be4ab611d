#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "messages/fields.hpp"
#include "messages/reception_service.hpp"
#include "messages/reception_tables.hpp"

namespace careline::reception {

/// A person arrives on a channel (R1.1.2, R2.1.2). `queue` or `need` says what for; with neither,
/// and on low confidence, the default queue takes it.
struct contact_open {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.open";
  contact_id contact;                    ///< absent: the engine makes one and returns it
  channel_id channel;
  queue_id queue;
  personal<std::string> need;            ///< what the person said, pressed or chose; sealed
  std::optional<std::vector<skill_id>> skills;
  int urgency = 0;                       ///< larger = sooner
  personal<value> customer;              ///< a map; its `id` names the person whose key seals
  personal<std::string> address;         ///< where the gateway reaches the person
  std::string language;                  ///< a code, as "zh" or "en" (BCP 47)
  bool safety = false;                   ///< diverted outside at once, never queued
  std::optional<int> queue_position;
  span age_s{};
  std::optional<int> tier_min;
  std::optional<int> tier_max;
  std::vector<agent_id> exclude;
  std::vector<agent_id> prefer;
  span prefer_s{};
  std::optional<bool> live{};            ///< false: nobody is on the line (a message, a task)
  contact_id consults;                   ///< an agent asks a colleague about that contact, which
                                         ///< it has in talk
  agent_id agent;                        ///< with it: the one who asks
  agent_id to_agent;                     ///< with it: that colleague and no other

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("contact", x.contact);
    v.must("channel", x.channel);
    v.may("queue", x.queue);
    v.may("need", x.need);
    v.may("skills", x.skills);
    v.may("urgency", x.urgency);
    v.may("customer", x.customer);
    v.may("address", x.address);
    v.may("language", x.language);
    v.may("safety", x.safety);
    v.may("queue_position", x.queue_position);
    v.may("age_s", x.age_s);
    v.may("tier_min", x.tier_min);
    v.may("tier_max", x.tier_max);
    v.may("exclude", x.exclude);
    v.may("prefer", x.prefer);
    v.may("prefer_s", x.prefer_s);
    v.may("live", x.live);
    v.may("consults", x.consults);
    v.may("agent", x.agent);
    v.may("to_agent", x.to_agent);
  }
};

/// The customer's verdict after the service (R2.1.8): 0 to 10.
struct contact_rate {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.rate";
  contact_id contact;
  int score = 0;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("score", x.score);
  }
};

/// A contact exists from here on. Carries the command's fields; `gateway` is the client that
/// brought it, `person` whose key seals it, `fingerprint` a digest of the fields as they came, so
/// that the same opening asked again is known without keeping anything in clear.
struct contact_opened : contact_open {
  static constexpr std::string_view type = "contact.opened";
  static constexpr std::uint16_t version = 2;  ///< with live, consults, agent and to_agent
  std::string gateway;
  person_id person;
  std::string fingerprint;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    contact_open::fields(v, x);
    v.may("gateway", x.gateway);
    v.may("person", x.person);
    v.may("fingerprint", x.fingerprint);
  }
};

/// Where the need leads (R2.1.3, R2.1.4). What the table does not say, is left out.
struct contact_triaged {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.triaged";
  static constexpr std::uint16_t version = 2;  ///< with what follows confidence
  contact_id contact;
  queue_id queue;
  std::string duty;         ///< consult, business, fault, complaint, support (R1.1.1); may be empty
  std::string method;       ///< "given" by the gateway, "table", or "default" (low confidence)
  double confidence = 1.0;  ///< 0 to 1
  code_word business{};
  std::optional<int> complexity{};
  std::optional<int> urgency{};        ///< the row's, where the opener gave none
  area_id area{};                      ///< that the row names
  std::optional<bool> closed{};        ///< yes: it is, and `queue` is where it sends people then
  std::optional<int> table_version{};  ///< none: the configuration's table

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("queue", x.queue);
    v.may("duty", x.duty);
    v.must("method", x.method);
    v.must("confidence", x.confidence);
    v.may("business", x.business);
    v.may("complexity", x.complexity);
    v.may("urgency", x.urgency);
    v.may("area", x.area);
    v.may("closed", x.closed);
    v.may("table_version", x.table_version);
  }
};

/// The person was met, in a language, with that version of the wording (R2.1.1): the gateway shows
/// it from the reply.
struct contact_greeted {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.greeted";
  contact_id contact;
  code_word wording;
  int number = 0;
  code_word language;
  channel_id channel;  ///< where the wording is of one

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("wording", x.wording);
    v.must("version", x.number);
    v.must("language", x.language);
    v.may("channel", x.channel);
  }
};

struct contact_rated {
  using has_field_list = void;
  static constexpr std::string_view type = "contact.rated";
  contact_id contact;
  int score = 0;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("contact", x.contact);
    v.must("score", x.score);
  }
};

using command =
    std::variant<contact_open, contact_rate, contact_classify, contact_issue_materials,
                 contact_present_materials, contact_remind, triage_define, area_define, area_remove,
                 wording_define, wording_forbid, materials_define, self_service_open,
                 self_service_end>;
using event =
    std::variant<contact_opened, contact_triaged, contact_rated, contact_greeted,
                 contact_classified, contact_wording_refused, contact_materials_issued,
                 contact_materials_presented, contact_reminded, triage_defined, area_defined,
                 area_removed, wording_defined, wording_forbidden, materials_defined,
                 self_service_opened, self_service_ended>;

} // namespace careline::reception
