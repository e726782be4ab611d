#pragma once

#include "messages/registration_commands.hpp"

namespace careline::registration {

/// What every event about a party says. `step` counts the party's own events from 1 on without a
/// gap, so that a hole in a record shows (R2.3.5).
struct party_event {
  using has_field_list = void;
  party_id party;
  int step = 0;
  std::string client;                  ///< who said so; empty: nobody, its time had come

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("step", x.step);
    v.may("client", x.client);
  }
};

/// A party's whole record as it is from now on, sealed under the key of `person`. The keyed hashes
/// are what it is found by: equal for equal numbers, and of no use without the master key.
struct party_record : party_event {
  code_word purpose;
  person_id person;
  personal<value> fields_given;
  std::vector<code_word> given;        ///< the names of the fields that it has
  std::string document_key;
  std::string customer_key;
  std::vector<std::string> phone_keys;
  std::vector<code_word> warnings;     ///< what does not look right, and may be
  bool read_back = false;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("purpose", x.purpose);
    v.must("person", x.person);
    v.may("fields", x.fields_given);
    v.may("given", x.given);
    v.may("document_key", x.document_key);
    v.may("customer_key", x.customer_key);
    v.may("phone_keys", x.phone_keys);
    v.may("warnings", x.warnings);
    v.may("read_back", x.read_back);
    v.may("contact", x.contact);
  }
};

/// A party exists from here on.
struct customer_registered : party_record {
  static constexpr std::string_view type = "customer.registered";
  party_id beside;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_record::fields(v, x);
    v.may("beside", x.beside);
  }
};

struct customer_amended : party_record {
  static constexpr std::string_view type = "customer.amended";
  std::vector<code_word> changed;      ///< of the fields, those that are new or other than before

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_record::fields(v, x);
    v.may("changed", x.changed);
  }
};

struct customer_linked : party_event {
  static constexpr std::string_view type = "customer.linked";
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("contact", x.contact);
  }
};

struct customer_unlinked : customer_linked {
  static constexpr std::string_view type = "customer.unlinked";
};

struct customer_merged : party_event {
  static constexpr std::string_view type = "customer.merged";
  party_id into;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("into", x.into);
    v.must("reason", x.reason);
  }
};

struct customer_split_off : party_event {
  static constexpr std::string_view type = "customer.split_off";
  party_id from;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("from", x.from);
    v.must("reason", x.reason);
  }
};

/// Who saw what in clear, and what for (R2.2.5); never what stood there.
struct customer_revealed : party_event {
  static constexpr std::string_view type = "customer.revealed";
  std::vector<code_word> shown;
  code_word purpose;
  contact_id contact;
  code_word third_party;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("shown", x.shown);
    v.must("purpose", x.purpose);
    v.may("contact", x.contact);
    v.may("third_party", x.third_party);
  }
};

/// A client asks for more in clear than the limit allows; told once for each stretch of it.
struct customer_reveal_limited : customer_revealed {
  static constexpr std::string_view type = "customer.reveal_limited";
};

/// Nothing was told to a third party: the person has not agreed to that.
struct customer_disclosure_denied : customer_revealed {
  static constexpr std::string_view type = "customer.disclosure_denied";
};

/// A field that its purpose does not need was not taken (R2.3.2).
struct customer_field_refused {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.field_refused";
  code_word form;                      ///< the purpose
  code_word field;
  std::string client;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("form", x.form);
    v.must("field", x.field);
    v.may("client", x.client);
  }
};

/// A value that cannot be right was not taken (R2.3.1); `rule` says by which check.
struct customer_field_rejected : customer_field_refused {
  static constexpr std::string_view type = "customer.field_rejected";
  code_word rule;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    customer_field_refused::fields(v, x);
    v.must("rule", x.rule);
  }
};

/// Somebody looked for a person by a number.
struct customer_looked_up {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.looked_up";
  code_word form;                      ///< the purpose
  code_word field;                     ///< phone, document_number or customer_number
  int found = 0;
  contact_id about;                    ///< the contact in which it was asked
  std::string client;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("form", x.form);
    v.must("field", x.field);
    v.must("found", x.found);
    v.may("about", x.about);
    v.may("client", x.client);
  }
};

/// The person is forgotten: the keys of `person` and of `others` are destroyed once this is
/// durable.
struct customer_erased : party_event {
  static constexpr std::string_view type = "customer.erased";
  person_id person;
  std::vector<person_id> others;       ///< of the same person, by other names
  code_word reason;
  std::optional<instant> copies_until; ///< until then an older copy of the keys may exist

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("person", x.person);
    v.may("others", x.others);
    v.must("reason", x.reason);
    v.may("copies_until", x.copies_until);
  }
};

struct identity_event : party_event {
  contact_id contact;
  int level = 1;
  code_word method;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("contact", x.contact);
    v.must("level", x.level);
    v.must("method", x.method);
  }
};

/// Holds for this contact, until then.
struct identity_verified : identity_event {
  static constexpr std::string_view type = "identity.verified";
  instant until{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    identity_event::fields(v, x);
    v.must("until", x.until);
  }
};

struct identity_verification_failed : identity_event {
  static constexpr std::string_view type = "identity.verification_failed";
  std::vector<code_word> wrong;        ///< fields that are not as the record has them
  int failures = 1;                    ///< in a row
  std::optional<instant> locked_until; ///< no more attempts before then

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    identity_event::fields(v, x);
    v.may("wrong", x.wrong);
    v.must("failures", x.failures);
    v.may("locked_until", x.locked_until);
  }
};

struct consent_given : party_event {
  static constexpr std::string_view type = "consent.given";
  code_word purpose;
  channel_id channel;
  code_word proof;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("purpose", x.purpose);
    v.must("channel", x.channel);
    v.must("proof", x.proof);
    v.may("contact", x.contact);
  }
};

struct consent_withdrawn : party_event {
  static constexpr std::string_view type = "consent.withdrawn";
  code_word purpose;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("purpose", x.purpose);
    v.may("contact", x.contact);
  }
};

struct right_event : party_event {
  right_id right;
  right_kind kind = right_kind::access;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    party_event::fields(v, x);
    v.must("right", x.right);
    v.must("kind", x.kind);
  }
};

struct right_requested : right_event {
  static constexpr std::string_view type = "right.requested";
  instant due{};
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    right_event::fields(v, x);
    v.must("due", x.due);
    v.may("contact", x.contact);
  }
};

/// So much of the time is over.
struct right_warned : right_event {
  static constexpr std::string_view type = "right.warned";
  int percent = 0;
  instant due{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    right_event::fields(v, x);
    v.must("percent", x.percent);
    v.must("due", x.due);
  }
};

/// Nobody has answered in time.
struct right_lapsed : right_event {
  static constexpr std::string_view type = "right.lapsed";
  instant due{};

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    right_event::fields(v, x);
    v.must("due", x.due);
  }
};

struct right_fulfilled : right_event {
  static constexpr std::string_view type = "right.fulfilled";
  code_word proof;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    right_event::fields(v, x);
    v.may("proof", x.proof);
  }
};

struct right_refused : right_event {
  static constexpr std::string_view type = "right.refused";
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    right_event::fields(v, x);
    v.must("reason", x.reason);
  }
};

using event =
    std::variant<customer_registered, customer_amended, customer_linked, customer_unlinked,
                 customer_merged, customer_split_off, customer_revealed, customer_reveal_limited,
                 customer_disclosure_denied, customer_field_refused, customer_field_rejected,
                 customer_looked_up, customer_erased, identity_verified,
                 identity_verification_failed, consent_given, consent_withdrawn, right_requested,
                 right_warned, right_lapsed, right_fulfilled, right_refused>;

} // namespace careline::registration
