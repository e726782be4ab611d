#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tests/fuzz/promises.hpp"
#include "tools/careline/scenario.hpp"

// Files of scenarios, and of policies that take the place of theirs.
//
// Input: a scenario's text; behind a line "=== policy" a policy's.

namespace {

using namespace careline;
using fuzz::hold;
using program::scenario;

constexpr std::string_view file = "day.jsonl";

void hold_wrong(const program::bad_file& wrong, std::string_view text) {
  fuzz::hold_sentence(text_of(wrong));
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  hold(wrong.line <= static_cast<std::size_t>(lines), "the line that is named is there");
}

void hold_lines(const scenario& of) {
  const auto earlier = [](const auto& a, const auto& b) { return a.at < b.at; };
  hold(std::is_sorted(of.lines.begin(), of.lines.end(), earlier), "lines are by their time");
  for (const auto& line : of.lines) {
    hold(line.at >= of.start, "nothing is before the start");
    hold(!line.type.empty() && line.type != "end", "a line has a type");
    const auto shown = from_json(line.text);
    hold(shown && shown->text_or("type") == line.type, "a line is the text that it is shown as");
    const auto what = read_command(line.type, line.data.is_nil() ? value{value::map{}} : line.data);
    if (!what)
      fuzz::hold_refusal(what.error());
  }
}

/// The lines in their order, behind the same header, are the same scenario.
void hold_again(const scenario& of) {
  std::string_view rest{of.texts.front()};
  std::string text;
  while (text.find_first_not_of(" \t\r") == text.npos && !rest.empty())
    text = fuzz::take_until(rest, "\n");
  for (const auto& line : of.lines)
    text.append("\n").append(line.text).append("\r");
  const auto again = program::read_scenario(std::string{file}, text);
  hold(again && again->lines.size() == of.lines.size() && again->start == of.start
           && again->seed == of.seed,
       "a scenario is read as it was written");
  hold(again->answering_agents == of.answering_agents && again->dialled == of.dialled,
       "a scenario says the same of its people");
  for (std::size_t i = 0; i < of.lines.size(); ++i)
    hold(again->lines[i].at == of.lines[i].at && again->lines[i].text == of.lines[i].text,
         "a line stands where it stood");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto text = fuzz::take_until(rest, "=== policy\n");
  auto day = program::read_scenario(std::string{file}, std::string{text});
  if (!day) {
    hold_wrong(day.error(), text);
    return 0;
  }
  hold_lines(*day);
  hold_again(*day);
  const auto before = day->lines.size();
  if (const auto replaced = program::replace_policy(*day, "policy.jsonl", std::string{rest})) {
    hold_lines(*day);
  } else {
    hold_wrong(replaced.error(), rest);
    hold(day->lines.size() == before, "a policy that is wrong changes nothing");
  }
  return 0;
}
