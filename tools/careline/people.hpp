#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "messages/vocabulary.hpp"

namespace careline::program {

/// How a simulated agent behaves.
struct agent_manner {
  std::optional<span> answer_after = span{0};  ///< nothing: never answers an offer
  std::optional<span> wrap_up;                 ///< when it says that it is done; nothing: never
  std::optional<routing::decline_reason> declines;  ///< says no to every offer, for this reason
  /// Set aside for a missed offer or a lost session: ready again after this; nothing: stays aside.
  std::optional<span> back_after;
};

/// How a simulated caller, writer or visitor behaves.
struct contact_manner {
  std::optional<span> patience;       ///< from the opening until connected; nothing: endless
  std::optional<span> talk;           ///< of each leg; nothing: somebody else finishes it
  std::optional<span> returns_after;  ///< comes once more when it left unserved
  bool takes_calls = true;            ///< a callback's dial is reported; false: by somebody else
  routing::dial_result dial = routing::dial_result::answered;
  span dial_after{};                  ///< how long the dial takes
  bool takes_callback = false;        ///< says yes when a rule offers to call back
};

/// Somebody does something at a time that was laid down before: a line of a day to be played.
struct cue {
  instant at{};
  command what;
  std::optional<agent_manner> agent;      ///< how the agent behaves from then on
  std::optional<contact_manner> contact;  ///< how the person that it opens for behaves
};

/// Simulated people: sees every event and says what its people do next, and when. Shared by
/// `simulate` (virtual time) and `demo` (the engine's time, over the bus). Reads no clock and draws
/// nothing: the same events give the same doings.
class people {
public:
  /// From now on the agent behaves so.
  void behave(const agent_id& who, agent_manner how);
  /// Nobody plays the agent any more: its answers come from elsewhere.
  void leave_alone(const agent_id& who);
  const agent_manner* manner_of(const agent_id& who) const;

  /// The contact was opened and somebody plays its person.
  bool plays(const contact_id& who) const { return guests_.contains(who); }

  /// The contact is about to be opened and will behave so once it is. Without an id in `open` it
  /// is the next contact that is opened under a made one.
  void arriving(const reception::contact_open& open, contact_manner how);
  /// It was not opened after all. Nothing happens when it was.
  void not_arrived(const contact_id& who);

  /// How a contact of that queue ends: the first disposition of the queue's list, as far as its
  /// definition was seen.
  code_word ending_of(const queue_id& queue) const;

  /// Takes in what happened.
  void saw(const event& e, instant at);

  /// When somebody does something next, if ever. Forgets what no longer stands, hence not const.
  std::optional<instant> next();
  /// What is done at `next()`, and by whose client: the one that signed the agent in or brought the
  /// contact, as the events said. Of several at one instant, what was planned first. Requires:
  /// `next()` has a value.
  struct doing {
    command what;
    std::string by;
  };
  doing take();

private:
  enum class deed {
    answer, finish_wrap_up, be_ready, abandon, take_callback, finish_talk, report_dial, come_back
  };
  struct plan {
    instant at{};
    std::uint64_t order = 0;
    deed what = deed::answer;
    std::uint64_t token = 0;
    contact_id contact;
    agent_id agent;
  };
  struct ringing {
    contact_id contact;
    std::uint64_t token = 0;
  };
  struct staff {
    agent_manner manner;
    std::vector<ringing> offers;
    std::uint64_t wrap_up = 0;          ///< the plan that ends it; 0: not in wrap-up
    bool in_wrap_up = false;
    std::uint64_t aside = 0;            ///< the plan that ends it; 0: not set aside
    instant declined_at{};
    std::vector<contact_id> declined;   ///< at that instant
  };
  struct guest {
    contact_manner manner;
    std::string gateway;
    queue_id queue;                     ///< that delivered it
    std::optional<reception::contact_open> again;  ///< what it would come back with
    std::uint64_t waits = 0;            ///< the plan that ends its patience; 0: none
    std::uint64_t says_yes = 0;         ///< the plan that takes the callback it was offered
    std::uint64_t talks = 0;            ///< the plan that ends its talk
    std::uint64_t dials = 0;
  };
  struct arrival {
    std::optional<reception::contact_open> open;
    contact_manner manner;
    std::string gateway;  ///< of who comes back
  };

  void on(const reception::contact_opened& e, instant at);
  void on(const routing::offer_made& e, instant at);
  void on(const routing::agent_state_changed& e, instant at);
  void on(const routing::contact_rule_applied& e, instant at);
  void on(const routing::contact_connected& e, instant at);
  void on(const routing::dial_requested& e, instant at);
  void offer_ended(const contact_id& c, const agent_id& a);
  void talk_ended(const contact_id& c);
  void left(const contact_id& c, instant at, bool unserved);

  std::uint64_t plan_for(instant at, deed what, const contact_id& c, const agent_id& a);
  bool stands(const plan& p) const;
  staff* find(const agent_id& a);
  guest* find(const contact_id& c);
  doing carry_out(plan p);
  command answer_to(staff& s, const plan& p);
  bool staff_stands(const plan& p) const;
  static std::uint64_t plan_of(const guest& g, deed what);

  std::unordered_map<agent_id, staff> staff_;
  std::unordered_map<agent_id, std::string> clients_;  ///< who signed the agent in
  std::unordered_map<contact_id, guest> guests_;
  std::unordered_map<contact_id, arrival> expected_;
  std::unordered_map<std::uint64_t, arrival> coming_back_;
  std::unordered_map<queue_id, code_word> endings_;  ///< first dispositions; none: any code
  std::vector<plan> plans_;  ///< a heap, the earliest on top
  std::uint64_t planned_ = 0;
};

} // namespace careline::program
