#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "messages/fields.hpp"

namespace careline::registration {

/// What is said about registered people (R2.2.1 - R2.3.5). A party is a person, or a body of
/// persons, whom the centre knows; `fields` is a map of what a form has: name, document_kind,
/// document_number, phone, … (docs/registration.md). `contact` is the one in which it is said.

/// Registers somebody by the form of a purpose. A field that the purpose does not need is refused
/// (R2.3.2); numbers are checked, and read back to the person or entered twice (R2.3.1).
struct customer_register {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.register";
  party_id party;                      ///< absent: the engine makes one and returns it
  code_word purpose;
  personal<value> fields_given;
  personal<value> again;               ///< the same fields entered a second time, by who typed them
  bool read_back = false;              ///< the numbers were read back, and the person said yes
  contact_id contact;
  party_id beside;                     ///< registered although that one has the same number

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("party", x.party);
    v.must("purpose", x.purpose);
    v.must("fields", x.fields_given);
    v.may("again", x.again);
    v.may("read_back", x.read_back);
    v.may("contact", x.contact);
    v.may("beside", x.beside);
  }
};

/// Adds fields to a party's record or corrects them; a correction needs a verified person.
struct customer_amend {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.amend";
  party_id party;
  code_word purpose;
  personal<value> fields_given;
  personal<value> again;
  bool read_back = false;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("purpose", x.purpose);
    v.must("fields", x.fields_given);
    v.may("again", x.again);
    v.may("read_back", x.read_back);
    v.may("contact", x.contact);
  }
};

/// Says whose a contact is, so that one person on two channels is one party.
struct customer_link {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.link";
  party_id party;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("contact", x.contact);
  }
};

/// Takes back a link that was wrong.
struct customer_unlink : customer_link {
  static constexpr std::string_view type = "customer.unlink";
};

/// Two parties turn out to be one person: the first is from now on another name of `into`.
struct customer_merge {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.merge";
  party_id party;
  party_id into;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("into", x.into);
    v.must("reason", x.reason);
  }
};

/// Takes a merge back: the party is its own again, as it was.
struct customer_split {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.split";
  party_id party;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("reason", x.reason);
  }
};

/// Who has this number? By one of the three; a document by its kind and number. A command and no
/// query: it leaves a trace, so that looking people up in bulk is seen.
struct customer_find {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.find";
  code_word purpose;                   ///< what it is needed for
  personal<std::string> phone;
  code_word document_kind;
  personal<std::string> document_number;
  personal<std::string> customer_number;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("purpose", x.purpose);
    v.may("phone", x.phone);
    v.may("document_kind", x.document_kind);
    v.may("document_number", x.document_number);
    v.may("customer_number", x.customer_number);
    v.may("contact", x.contact);
  }
};

/// Shows fields in clear, for a purpose, on record (R2.2.5). The values are in this reply alone:
/// the same id sent again is told that it was done, without them. `third_party`: whom they are
/// for, when that is not the centre; it needs a consent `disclose:` and that name.
struct customer_reveal {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.reveal";
  party_id party;
  std::vector<code_word> shown;
  code_word purpose;
  contact_id contact;
  code_word third_party;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("fields", x.shown);
    v.must("purpose", x.purpose);
    v.may("contact", x.contact);
    v.may("third_party", x.third_party);
  }
};

/// Forgets a person: the key that opens everything sealed about them is destroyed, and cannot be
/// made again. What they asked for by right is closed with it.
struct customer_erase {
  using has_field_list = void;
  static constexpr std::string_view type = "customer.erase";
  party_id party;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("reason", x.reason);
  }
};

/// Reports how a person proved who they are (R2.2.2): with `claims`, which are compared with the
/// record, or by a method that was carried out elsewhere and `passed` or not. Holds for this
/// contact alone, until it ends or the time is over.
struct identity_verify {
  using has_field_list = void;
  static constexpr std::string_view type = "identity.verify";
  party_id party;
  contact_id contact;
  int level = 1;                       ///< 1 to 3
  code_word method;
  personal<value> claims;              ///< fields as the person said them
  bool passed = true;
  std::optional<span> valid_s;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("contact", x.contact);
    v.must("level", x.level);
    v.must("method", x.method);
    v.may("claims", x.claims);
    v.may("passed", x.passed);
    v.may("valid_s", x.valid_s);
  }
};

/// The person agrees to a purpose; `proof` says where that is kept (a recording's, a form's name).
struct consent_give {
  using has_field_list = void;
  static constexpr std::string_view type = "consent.give";
  party_id party;
  code_word purpose;
  channel_id channel;
  code_word proof;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("purpose", x.purpose);
    v.must("channel", x.channel);
    v.must("proof", x.proof);
    v.may("contact", x.contact);
  }
};

/// As easy as giving it, and at once.
struct consent_withdraw {
  using has_field_list = void;
  static constexpr std::string_view type = "consent.withdraw";
  party_id party;
  code_word purpose;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("purpose", x.purpose);
    v.may("contact", x.contact);
  }
};

enum class right_kind { access, copy, correction, erasure, withdrawal };
constexpr auto names(right_kind) {
  using enum right_kind;
  return std::to_array<std::pair<right_kind, std::string_view>>({{access, "access"},
                                                                 {copy, "copy"},
                                                                 {correction, "correction"},
                                                                 {erasure, "erasure"},
                                                                 {withdrawal, "withdrawal"}});
}

/// The person asks for what is theirs by law. It has a day by which it must be answered.
struct right_request {
  using has_field_list = void;
  static constexpr std::string_view type = "right.request";
  party_id party;
  right_kind kind = right_kind::access;
  contact_id contact;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("party", x.party);
    v.must("kind", x.kind);
    v.may("contact", x.contact);
  }
};

/// It was done; `proof` says where that is kept. An erasure is done by `customer.erase`.
struct right_fulfil {
  using has_field_list = void;
  static constexpr std::string_view type = "right.fulfil";
  right_id right;
  code_word proof;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("right", x.right);
    v.must("proof", x.proof);
  }
};

/// It is not done, and the person is told why.
struct right_refuse {
  using has_field_list = void;
  static constexpr std::string_view type = "right.refuse";
  right_id right;
  code_word reason;

  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("right", x.right);
    v.must("reason", x.reason);
  }
};

using command =
    std::variant<customer_register, customer_amend, customer_link, customer_unlink, customer_merge,
                 customer_split, customer_find, customer_reveal, customer_erase, identity_verify,
                 consent_give, consent_withdraw, right_request, right_fulfil, right_refuse>;

} // namespace careline::registration
