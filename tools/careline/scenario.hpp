#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/result.hpp"
#include "tools/careline/people.hpp"

namespace careline::program {

/// Why a scenario file cannot be played.
struct bad_file {
  std::string file;
  std::size_t line = 0;  ///< 0: the file as a whole
  std::string sentence;
};
/// "day.jsonl:3: \"at\" is missing"
std::string text_of(const bad_file& wrong);

/// One line of a scenario: a command or query, and how the person behind it behaves.
struct scenario_line {
  instant at{};
  std::string_view text;  ///< into `scenario::texts`
  std::string type;
  std::string id;         ///< empty: never a duplicate
  std::string source;
  value data;
  std::optional<agent_manner> agent;      ///< of the agent that the command names
  std::optional<contact_manner> contact;  ///< of the contact that it opens
};

/// A scenario file (contract §3), read and checked.
struct scenario {
  std::string name;
  instant start{};
  int offset_minutes = 480;
  std::uint64_t seed = 1;
  std::vector<scenario_line> lines;  ///< by `at`; of one instant in the file's order
  std::optional<instant> end;

  // Whom the file answers for by itself: they are not simulated.
  std::set<agent_id> answering_agents;
  std::set<contact_id> dialled;

  std::vector<std::string> texts;  ///< the files' own text
};

/// Reads a scenario. `file` is its name in sentences.
result<scenario, bad_file> read_scenario(const std::string& file, std::string text);

/// Puts the policy's lines in the place of the scenario's: its `queue.define` for those of the same
/// queue, and, when it has agents, all its `agent.*` lines for all of the scenario's.
result<void, bad_file> replace_policy(scenario& of, const std::string& file, std::string text);

/// Cues as a scenario file, from `start` on.
std::string scenario_text(const std::vector<cue>& cues, std::string_view name, instant start,
                          std::uint64_t seed);

/// "90", "1.5" (seconds after `start`) or RFC 3339; nothing when it is neither.
std::optional<instant> read_moment(std::string_view text, instant start);

/// The whole of a file, or of stdin for "-".
result<std::string, bad_file> read_text(const std::string& file);

} // namespace careline::program
