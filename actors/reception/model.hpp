#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/kernel/capability.hpp"
#include "actors/reception/state.hpp"
#include "actors/reception/tables/triage.hpp"
#include "actors/reception/tables/words.hpp"

namespace careline::reception {

/// What reception works by; comes from the configuration.
struct reception_policy {
  queue_id default_queue{"default"};                 ///< for no need, or one it is not sure of
  std::vector<triage_row> triage;                    ///< until somebody defines another
  std::string safety_place = "external:emergency";   ///< where safety contacts go at once
  code_word language{"zh"};                          ///< of whoever named none that is there
};

/// The front desk (R1.1.1, R2.1.1 - R2.1.5, R2.1.8, R2.2.4): takes contacts in, greets, finds out
/// what they are about and where that is served now, and hands them to routing in the same turn;
/// looks at what is about to be said; keeps the tables that it works by, as operators change them;
/// says what to bring and to mind; takes the customer's verdict afterwards.
///
/// Whether a contact of that id exists already, and what becomes of a line, is routing's to say. It
/// hears of routing's events a moment after they are in the log: what it makes of one of them and
/// of its own does not depend on which came first.
class reception_model final : public kernel::capability {
  using command = careline::command;
  using event = careline::event;
  using events = std::vector<event>;
  using verdict = answer<kernel::decision>;
  using context = kernel::turn_context;

public:
  explicit reception_model(reception_policy policy = {}) : policy_(std::move(policy)) {}
  // What has ended points into the visits.
  reception_model(const reception_model&) = delete;
  reception_model& operator=(const reception_model&) = delete;

  std::string_view name() const noexcept override { return "reception"; }
  verdict decide(const command& c, const context& in) const override;
  verdict take_over(const command& c, const kernel::decision& from,
                    const context& in) const override;
  void evolve(const event& e, instant at) override;
  std::optional<instant> wakes_at() const override { return std::nullopt; }
  events due(const context&) override { return {}; }
  events settle(const context&) override { return {}; }
  events react(const event&, const context&) const override { return {}; }
  answer<value> ask(const command& query, const context& in) const override;
  value save() const override;
  bool load(const value& state) override;

private:
  using visit_map = std::map<contact_id, visit>;
  using episode_map = std::map<episode_id, episode>;
  using area_map = std::map<area_id, service_area>;

  // Contacts (decide.cpp).
  verdict on(const contact_open& c, const context& in) const;
  verdict on(const contact_rate& c, const context& in) const;
  verdict on(const routing::contact_say& c, const context& in) const;
  contact_triaged triaged(const contact_open& c, const contact_id& id) const;
  std::string lead(contact_triaged& to, const context& in, value& reply) const;
  void greet(const contact_open& c, const contact_id& id, value& reply, events& into) const;
  contact_id fresh_id() const;
  // What is done for a person beside it (decide_service.cpp).
  verdict on(const contact_classify& c, const context& in) const;
  verdict on(const contact_issue_materials& c, const context& in) const;
  verdict on(const contact_present_materials& c, const context& in) const;
  verdict on(const contact_remind& c, const context& in) const;
  verdict on(const self_service_open& c, const context& in) const;
  verdict on(const self_service_end& c, const context& in) const;
  episode_id fresh_episode() const;
  // Tables (decide_tables.cpp, decide_words.cpp).
  verdict on(const triage_define& c, const context& in) const;
  verdict on(const area_define& c, const context& in) const;
  verdict on(const area_remove& c, const context& in) const;
  verdict on(const materials_define& c, const context& in) const;
  verdict on(const wording_define& c, const context& in) const;
  verdict on(const wording_forbid& c, const context& in) const;
  std::optional<problem> check_ways(const service_area& with) const;
  value::list holding(const forbidden_words& words) const;
  /// The wording that fits best, with its texts; null when none does.
  const std::pair<const wording_key, wording_texts>* fitting(const code_word& wording,
                                                             const std::string& language,
                                                             const channel_id& channel) const;
  bool has_wording(const code_word& wording) const;

  // What they are made of.
  answer<const visit*> known(const contact_id& id) const;
  const std::vector<triage_row>& table() const { return rows_ ? *rows_ : policy_.triage; }
  way_in way_of(const area_id& first, const context& in) const;
  bool is_open_now(const service_area& a, const context& in) const;

  // Events (evolve.cpp).
  void took(const contact_opened& e, instant at);
  void took(const contact_triaged& e, instant at);
  void took(const contact_rated& e, instant) { visits_[e.contact].score = e.score; }
  void took(const contact_greeted&, instant) {}
  void took(const contact_classified& e, instant at);
  void took(const contact_wording_refused&, instant) {}
  void took(const contact_materials_issued& e, instant at);
  void took(const contact_materials_presented& e, instant at);
  void took(const contact_reminded& e, instant at);
  void took(const triage_defined& e, instant at);
  void took(const area_defined& e, instant) { areas_[e.area] = e; }
  void took(const area_removed& e, instant) { areas_.erase(e.area); }
  void took(const wording_defined& e, instant at);
  void took(const wording_forbidden& e, instant);
  void mark_greetings();
  void took(const materials_defined& e, instant) { materials_[e.business] = e.documents; }
  void took(const self_service_opened& e, instant at);
  void took(const self_service_ended& e, instant at);
  void took_of_routing(const event& e, instant at);
  void end(const contact_id& id, instant at);
  void forget_ended(instant at);
  void forget_episodes(instant at);
  visit* find(const contact_id& id);
  const contact_class* kept(contact_class one);
  /// Whether the figures of the table in force are about it.
  bool counts(const visit& v) const noexcept { return v.sorted && v.table == number_; }

  // Answers (show.cpp).
  value show_triage() const;
  value show(const service_area& a, const context& in) const;
  answer<value> show(const query::wording_show& q) const;
  value list_wordings() const;
  answer<value> show(const query::materials_show& q) const;
  value show_episodes() const;

  // Saved state (save.cpp).
  value save_visits() const;
  value save_tables() const;
  value save_episodes() const;
  bool load_visit(const value& from);
  bool load_tables(const value& from);
  bool load_wording(const value& from);
  bool load_episode(const value& from);
  bool load_all(const value& state);
  void clear();

  reception_policy policy_;
  visit_map visits_;
  std::uint64_t opened_ = 0;
  // The tables, as they were defined last.
  std::optional<std::vector<triage_row>> rows_;      ///< none: the configuration's
  int number_ = 0;                                   ///< the version of the rows
  triage_counts counts_;
  area_map areas_;
  std::map<wording_key, wording_texts> wordings_;
  forbidden_words forbidden_;
  std::map<code_word, std::vector<document_row>> materials_;
  episode_map episodes_;
  episode_counts helped_;
  // What it has heard of routing.
  std::set<queue_id> queues_;
  std::set<site_id> closed_sites_;
  // Derived.
  std::set<contact_class> classes_;                  ///< that the visits point to
  std::deque<std::pair<instant, visit_map::iterator>> ended_;
  std::deque<episode_map::iterator> by_opening_;
};

} // namespace careline::reception
