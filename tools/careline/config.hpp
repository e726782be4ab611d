#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/ids.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"

namespace CLI {
class App;
}

namespace careline::program {

/// One row of the triage table (R2.1.3): a need that holds `need` leads to `queue`.
struct triage_row {
  std::string need;   ///< a word that the need is searched for, as the person says or presses it
  queue_id queue;
  std::string duty;   ///< consult, business, fault, complaint, support; may be empty
  friend bool operator==(const triage_row&, const triage_row&) = default;
};

/// What `careline serve` runs by. Every field, with its unit, default, limit and sentence, is a row
/// of `config_fields()`; the defaults here are the ones that hold.
struct config {
  std::string data = "./careline-data";             ///< the data folder
  std::string commands = "tcp://127.0.0.1:5570";    ///< command socket; port 0 takes a free one
  std::string events = "tcp://127.0.0.1:5571";      ///< event socket
  std::string http = "127.0.0.1:5580";              ///< board and metrics
  bool secure = false;  ///< keys on the bus though all its addresses are loopback
  std::string certificate;      ///< of the pages: file with the chain, PEM; empty: no TLS
  std::string certificate_key;  ///< its private key
  std::string pages_name;       ///< by which browsers reach them, beside loopback
  double speed = 1;                                 ///< engine seconds a second
  bool accept_clock = false;                        ///< go on though the log is ahead of the clock
  std::string time_zone = "Asia/Shanghai";          ///< of rules, days and intervals
  int grace_s = 10; ///< after a lost session, until what it held ends
  queue_id default_queue{"default"};                ///< for a contact without queue or known need
  std::string language = "zh";                      ///< of wordings, where none else fits
  std::vector<triage_row> triage;                   ///< only from the file: [[triage]]
  std::string fallback = "announcement:try_later";  ///< told with busy to who opens a contact
  std::string safety_place = "external:emergency";  ///< where safety contacts are diverted to
  std::uint64_t disk_mib = 65'536;                  ///< most that the log may take on disk
  int disk_warn_percent = 80;                       ///< of what it may take until opening stops
  int disk_alarm_percent = 90;                      ///< likewise, louder
  std::uint64_t snapshot_events = 100'000;          ///< a snapshot each so many events; 0: never
  int snapshot_days = 30;                           ///< one of each day is kept for so long
  int key_copies_days = 0;                          ///< copies of the keys are kept; 0: not said
  std::string heads;                                ///< signed heads; empty: in the data folder
  int heads_every_s = 3600;                         ///< of engine time; 0: only at a stop
  int commit_slow_s = 5;                            ///< a commit that takes longer: not ready
  int commit_end_s = 60;                            ///< a commit that takes longer: the end
  std::string log_level = "info";                   ///< debug, info, warning, error
};

/// Whether who talks to the bus needs a key: asked for, or because others can reach it.
bool needs_keys(const config& c);

enum class field_kind { text, whole, number, flag };

/// One field as people meet it. The environment name is CARELINE_ and the key in capitals, dots as
/// underscores: `session.grace_s` is CARELINE_SESSION_GRACE_S.
struct config_field {
  std::string_view key;      ///< in the file: "session.grace_s" is grace_s under [session]
  std::string_view flag;     ///< "--grace-s"; what add_config_flags offers
  field_kind kind;
  std::string_view unit;
  std::string_view limit;    ///< in words
  std::string_view summary;
};
/// All fields but the triage table.
std::span<const config_field> config_fields() noexcept;

/// A value as text, as `config show` prints it. Requires: `key` is in config_fields().
std::string text_of(const config& c, std::string_view key);

/// What flags gave, by key.
using given_flags = std::map<std::string, std::string, std::less<>>;

/// Adds `--config` and a flag for each of `keys` (all when empty); they land in `into` once parsed.
/// `--config` lands under the key "config". `into` outlives the parsing.
void add_config_flags(CLI::App& app, given_flags& into, std::vector<std::string_view> keys = {});

/// Everything that configuration is taken from, so that a test can hand it in.
struct config_sources {
  given_flags flags;                                       ///< may name the file as "config"
  std::map<std::string, std::string, std::less<>> environment;  ///< CARELINE_* only
};
/// The flags with this process's CARELINE_* variables.
config_sources sources_of(given_flags flags);

/// A configuration and where each value came from.
struct loaded_config {
  config values;
  /// By key: "default", "careline.toml:3", "CARELINE_DATA" or "--data"; "triage" too.
  std::map<std::string, std::string, std::less<>> origins;
  /// Worth a line on stderr, no reason to stop: a CARELINE_ variable that is not ours.
  std::vector<std::string> remarks;
};

/// Defaults < file < environment < flags; then checks all of it. Fails with one sentence that names
/// the place ("careline.toml:3: …") and, for an unknown key, the nearest known one. The program
/// then exits with 2.
result<loaded_config, std::string> load_config(const config_sources& from);

/// Minutes east of UTC that `zone` has at `at`; nothing when the name is not known.
std::optional<int> offset_minutes_of(const std::string& zone, instant at);

/// The word nearest to `wrong` when it is near enough to be what was meant, else empty.
std::string_view nearest(std::string_view wrong, std::span<const std::string_view> among);
/// " Did you mean "X"?", or nothing.
std::string suggestion(std::string_view wrong, std::span<const std::string_view> among);

} // namespace careline::program
