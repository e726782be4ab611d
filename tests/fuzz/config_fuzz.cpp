#include <map>

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/promises.hpp"
#include "tools/careline/config_table.hpp"

// A configuration from a file, the environment and flags.
//
// Input: a TOML file's text; behind a line "=== environment" lines NAME=value without CARELINE_;
// behind a line "=== flags" lines key=value.

namespace {

using namespace careline;
using fuzz::hold;

/// A file without a disk: it has a path as long as this lives.
class file_of {
public:
  explicit file_of(std::string_view text) : file_(::memfd_create("careline.toml", MFD_CLOEXEC)) {
    const auto written = ::write(file_, text.data(), text.size());
    hold(written == static_cast<ssize_t>(text.size()), "the input could be written");
  }
  ~file_of() { ::close(file_); }
  file_of(const file_of&) = delete;
  file_of& operator=(const file_of&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

private:
  int file_;
};

/// Calls `each(name, value)` for the lines of a part.
template <class Each>
void for_each_pair(std::string_view part, Each each) {
  while (!part.empty()) {
    auto line = fuzz::take_until(part, "\n");
    const auto name = fuzz::take_until(line, "=");
    each(std::string{name}, std::string{line});
  }
}

/// Fields are taken by the one check that files, variables and flags share.
void hold_fields(const program::config& c) {
  program::config again;
  for (const auto& field : program::config_fields()) {
    const auto text = text_of(c, field.key);
    hold(!set_field(again, field.key, text), "what was accepted passes its own check");
    hold(text_of(again, field.key) == text, "a field is read as it is printed");
    hold(is_valid_utf8(text), "a field is text");
  }
  hold(c.commit_end_s >= c.commit_slow_s, "an engine says that it is slow before it ends");
  for (const auto& row : c.triage) {
    hold(!row.need.empty() && is_valid_utf8(row.need), "a row of triage has a need");
    hold(is_valid_id(row.queue.text()), "a row of triage leads to a queue");
  }
}

void hold_loopback(const std::string& address) {
  const auto names = {"127.", "localhost:", "[::1]:", "::1:"};
  auto host = std::string_view{address};
  if (host.starts_with("ipc://"))
    return;
  if (host.starts_with("tcp://"))
    host.remove_prefix(6);
  hold(std::any_of(names.begin(), names.end(), [&](auto name) { return host.starts_with(name); }),
       "no address that other machines reach is served without keys");
  hold(!host.starts_with("127.") || host.find_first_not_of("0123456789.:*") == host.npos,
       "no name that begins like a loopback address is accepted");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto toml = fuzz::take_until(rest, "=== environment\n");
  const auto variables = fuzz::take_until(rest, "=== flags\n");
  program::config_sources from;
  for_each_pair(variables, [&](const std::string& name, std::string text) {
    if (name != "CONFIG")
      from.environment.insert_or_assign("CARELINE_" + name, std::move(text));
  });
  for_each_pair(rest, [&](const std::string& key, std::string text) {
    if (program::find_field(key))
      from.flags.insert_or_assign(key, std::move(text));
  });
  const file_of file{toml};
  from.flags["config"] = file.path();
  const auto loaded = program::load_config(from);
  if (!loaded) {
    fuzz::hold_sentence(loaded.error());
    return 0;
  }
  hold_fields(loaded->values);
  if (!program::needs_keys(loaded->values)) {
    hold_loopback(loaded->values.commands);
    hold_loopback(loaded->values.events);
  }
  hold_loopback(loaded->values.http);
  hold(loaded->origins.size() == program::config_fields().size() + 1, "each field has an origin");
  for (const auto& remark : loaded->remarks)
    fuzz::hold_sentence(remark);
  return 0;
}
