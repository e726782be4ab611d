#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/registration/state.hpp"

namespace careline::registration {

/// What registration works by; comes from the configuration.
struct registration_policy {
  /// How long copies of the keys are kept elsewhere; none: nobody said.
  std::optional<span> key_copies;
};

struct form_fault;
struct filled_form;

/// Whom the centre knows (R2.2.1 - R2.3.5): registers people by the form of a purpose, finds them
/// again by keyed hashes of their numbers, verifies who somebody is for one contact, shows values
/// in clear on record only, and does what a person may ask for by law, to the end: to be forgotten.
///
/// A record is sealed when it is decided on, so that what lives, what is replayed and what is saved
/// are the same bytes, and nothing in here is clear. It follows the ends of contacts: who was
/// verified in one is so no longer.
///
///     registered -> amended, linked, revealed … -> erased
///         |  ^
///     merged split_off
class registration_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;
  using verdict = answer<kernel::decision>;
  using context = kernel::turn_context;

public:
  explicit registration_model(registration_policy policy = {}) : policy_(policy) {}
  // The indexes point into the parties.
  registration_model(const registration_model&) = delete;
  registration_model& operator=(const registration_model&) = delete;

  std::string_view name() const noexcept override { return "registration"; }
  verdict decide(const command& c, const context& in) const override;
  verdict take_over(const command& c, const kernel::decision& from,
                    const context& in) const override;
  void evolve(const event& e, instant at) override;
  bool follows(const event& e) const override;
  std::optional<instant> wakes_at() const override;
  events due(const context& in) override;
  events settle(const context&) override { return {}; }
  events react(const event&, const context&) const override { return {}; }
  answer<value> ask(const command& query, const context& in) const override;
  value save() const override;
  bool load(const value& state) override;
  value part(std::string_view subject) const override;

  /// Those whose keys are to be gone, by id.
  std::vector<party_id> erased() const;
  std::size_t count_parties() const noexcept { return parties_.size(); }

private:
  using party_map = std::map<party_id, party>;
  using entry = party_map::value_type;

  // Commands (decide*.cpp).
  verdict on(const customer_register& c, const context& in) const;
  verdict on(const customer_amend& c, const context& in) const;
  verdict on(const customer_link& c, const context& in) const;
  verdict on(const customer_unlink& c, const context& in) const;
  verdict on(const customer_merge& c, const context& in) const;
  verdict on(const customer_split& c, const context& in) const;
  verdict on(const customer_find& c, const context& in) const;
  verdict on(const customer_reveal& c, const context& in) const;
  verdict on(const customer_erase& c, const context& in) const;
  verdict on(const identity_verify& c, const context& in) const;
  verdict on(const consent_give& c, const context& in) const;
  verdict on(const consent_withdraw& c, const context& in) const;
  verdict on(const right_request& c, const context& in) const;
  verdict on(const right_fulfil& c, const context& in) const;
  verdict on(const right_refuse& c, const context& in) const;

  // What they are made of.
  /// A party that is there, not erased and no other name of another.
  answer<const entry*> known(const party_id& id) const;
  /// The party that `id` is a name of. Requires: it is there.
  const entry& root_of(const party_id& id) const;
  /// It and all that are another name of it.
  std::vector<const entry*> group_of(const entry& root) const;
  std::vector<const entry*> with_key(const std::string& line) const;
  /// Those whose customer number or name has that key.
  std::vector<const entry*> owners_of(const std::string& key, const context& in) const;
  /// Keys of customer numbers that it has or had, and that are nobody else's who is not erased.
  std::vector<person_id> numbers_of(const entry& one, const context& in) const;
  std::optional<problem> check_contact(const contact_id& contact, const party_id& whose) const;
  std::optional<problem> check_level(int level, const entry& who, const contact_id& contact,
                                     instant now) const;
  int verified_level(const entry& who, const contact_id& contact, instant now) const;
  std::optional<problem> check_unique(const party_record& e, const entry* who,
                                      const party_id& beside, const context& in) const;
  void tell_same_phone(const party_record& e, value& reply) const;
  answer<value> opened(const entry& of, const context& in) const;
  verdict refused_form(form_fault why) const;
  verdict again_registered(const entry& there, const filled_form& form, const context& in) const;
  value reply_about(const party_id& id, const filled_form& form) const;
  verdict too_many_reveals(const customer_reveal& c, const entry& who, const context& in) const;
  verdict verified(const identity_verify& c, const entry& who, const context& in) const;
  answer<std::vector<code_word>> wrong_claims(const identity_verify& c, const entry& who,
                                              const context& in) const;
  bool has_consent(const entry& root, const code_word& purpose) const;
  bool has_right(const entry& root, right_kind kind) const;
  bool is_corrected(const open_right& r) const;
  void withdraw_all(const entry& root, const contact_id& contact, events& into) const;
  party_id fresh_party(const context& in) const;
  right_id fresh_right() const;
  void number(events& all, const std::string& client) const;

  // Events (evolve.cpp).
  void took(const customer_registered& e, instant at);
  void took(const customer_amended& e, instant at);
  void took(const customer_linked& e, instant at);
  void took(const customer_unlinked& e, instant at);
  void took(const customer_merged& e, instant at);
  void took(const customer_split_off& e, instant at);
  void took(const customer_revealed& e, instant at);
  void took(const customer_reveal_limited& e, instant at);
  void took(const customer_erased& e, instant at);
  void took(const identity_verified& e, instant at);
  void took(const identity_verification_failed& e, instant at);
  void took(const consent_given& e, instant at);
  void took(const consent_withdrawn& e, instant at);
  void took(const right_requested& e, instant at);
  void took(const right_warned& e, instant at);
  void took(const right_lapsed& e, instant at);
  void took(const right_fulfilled& e, instant at);
  void took(const right_refused& e, instant at);
  template <class Event>
  void took(const Event&, instant) {}  // a trace, and nothing that anything follows from
  void stepped(const party_event& e);
  void set_record(const party_record& e);
  void index(const entry& who);
  void unindex(const entry& who);
  visit& touched(const contact_id& id, instant at);
  void forget_visits(instant at);
  void close(const right_event& e);
  void arm(const right_id& id, const open_right& r);
  void disarm(const right_id& id, const open_right& r);

  // Queries (show.cpp).
  answer<party_id> party_in(const query::customer_show& q) const;
  answer<value> show(const query::customer_show& q, const context& in) const;
  answer<value> timeline(const query::customer_timeline& q) const;
  answer<value> check(const query::identity_check& q, const context& in) const;

  // Saved state (save.cpp).
  void forget_all();
  bool load_party(const value& from);
  bool load_visit(const value& from);
  bool load_right(const value& from);
  bool load_window(const value& from);

  registration_policy policy_;
  party_map parties_;
  std::map<contact_id, visit> visits_;
  std::map<right_id, open_right> rights_;
  std::map<std::string, reveal_window> reveals_;   ///< by client
  std::uint64_t registered_ = 0;
  std::uint64_t requested_ = 0;
  instant seen_{};                                 ///< of the newest event
  // Derived:
  std::unordered_multimap<std::size_t, const entry*> by_key_;
  std::set<std::pair<instant, contact_id>> leaving_;
  std::set<std::pair<instant, right_id>> deadlines_;
};

} // namespace careline::registration
