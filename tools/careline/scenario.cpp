#include "tools/careline/scenario.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <iostream>
#include <iterator>

#include "messages/json.hpp"
#include "store/whole_file.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

/// Where a scenario without a "start" begins: a Monday.
const instant default_start = from_ms(1'772'413'200'000);
constexpr double at_max_s = 10 * 366 * 86'400.0;

/// A line is not understood: the sentence, without its place.
using wrong_line = std::optional<std::string>;

struct sim_reader {
  const value& from;
  wrong_line wrong{};

  template <class T>
  void take(std::string_view key, T& into) {
    const auto* item = from.find(key);
    if (!item || wrong)
      return;
    if (item->is_nil())
      return;
    if (auto no_good = read(*item, into, "sim." + std::string{key}))
      wrong = fmt::format("\"{}\": {} is expected", no_good->field, no_good->detail);
  }
  /// Null says "never", which is not the same as saying nothing.
  void take_or_never(std::string_view key, std::optional<span>& into) {
    if (const auto* item = from.find(key); item && item->is_nil())
      into.reset();
    else
      take(key, into);
  }
};

wrong_line check_keys(const value& sim, std::span<const std::string_view> known) {
  for (const auto& [key, item] : *sim.as<value::map>())
    if (std::ranges::find(known, key) == known.end())
      return fmt::format("\"sim\" has no \"{}\".{}", printable(key.substr(0, 64)),
                         suggestion(key, known));
  return {};
}

wrong_line read_agent(const value& sim, scenario_line& into) {
  constexpr std::array<std::string_view, 4> known{"answer_after_s", "wrap_up_s", "declines",
                                                  "back_after_s"};
  if (auto wrong = check_keys(sim, known))
    return wrong;
  auto& how = into.agent.emplace();
  sim_reader r{sim};
  r.take_or_never("answer_after_s", how.answer_after);
  r.take("wrap_up_s", how.wrap_up);
  r.take("declines", how.declines);
  r.take("back_after_s", how.back_after);
  return r.wrong;
}

wrong_line read_contact(const value& sim, scenario_line& into) {
  constexpr std::array<std::string_view, 6> known{"patience_s", "talk_s", "returns_after_s",
                                                  "takes_callback", "dial", "dial_s"};
  if (auto wrong = check_keys(sim, known))
    return wrong;
  auto& how = into.contact.emplace();
  sim_reader r{sim};
  r.take("patience_s", how.patience);
  r.take("talk_s", how.talk);
  r.take("returns_after_s", how.returns_after);
  r.take("takes_callback", how.takes_callback);
  r.take("dial", how.dial);
  r.take("dial_s", how.dial_after);
  return r.wrong;
}

wrong_line read_sim(const value& sim, scenario_line& into) {
  if (!sim.is_map())
    return "\"sim\" must be a map";
  if (into.type == "contact.open")
    return read_contact(sim, into);
  if (into.type.starts_with("agent."))
    return read_agent(sim, into);
  return fmt::format("\"sim\" describes the person of an agent or of a contact.open, not of {}",
                     printable(into.type.substr(0, 64)));
}

wrong_line read_at(const value& line, instant start, instant& into) {
  const auto* at = line.find("at");
  if (!at)
    return "\"at\" is missing: seconds after the start, or RFC 3339";
  if (const auto* text = at->as<std::string>()) {
    const auto moment = parse_rfc3339(*text);
    if (!moment)
      return "\"at\" must be seconds after the start, or RFC 3339";
    into = moment->at;
    return into < start ? wrong_line{"\"at\" lies before the start"} : std::nullopt;
  }
  const double seconds = at->to_double(-1);
  if (!at->is_number() || seconds < 0 || seconds > at_max_s)
    return "\"at\" must be seconds after the start (0 to ten years), or RFC 3339";
  into = start + from_seconds(seconds);
  return {};
}

wrong_line read_line(const value& whole, instant start, scenario_line& into) {
  if (auto wrong = read_at(whole, start, into.at))
    return wrong;
  into.type = whole.text_or("type");
  if (into.type.empty())
    return "\"type\" is missing: a command's, as \"contact.open\", or \"end\"";
  into.id = whole.text_or("id");
  into.source = whole.text_or("source", "scenario");
  if (const auto* data = whole.find("data"))
    into.data = *data;
  if (const auto* sim = whole.find("sim"); sim && !sim->is_nil())
    return read_sim(*sim, into);
  return {};
}

wrong_line read_header(const value& whole, scenario& into) {
  into.name = whole.text_or("scenario");
  into.start = default_start;
  if (const auto* start = whole.find("start")) {
    const auto moment = start->is_text() ? parse_rfc3339(*start->as<std::string>()) : std::nullopt;
    if (!moment)
      return "\"start\" must be RFC 3339, as \"2026-03-02T09:00:00+08:00\"";
    into.start = moment->at;
    into.offset_minutes = moment->offset_minutes;
  }
  if (const auto* seed = whole.find("seed"))
    if (auto no_good = read(*seed, into.seed, "seed"))
      return "\"seed\" must be a whole number, 0 or more";
  return {};
}

/// Goes through the lines of a file, those with nothing on them left out.
class line_walk {
public:
  explicit line_walk(std::string_view text) : left_(text) {}

  bool next() {
    while (!left_.empty()) {
      const auto end = left_.find('\n');
      text_ = left_.substr(0, end);
      left_ = end == std::string_view::npos ? std::string_view{} : left_.substr(end + 1);
      ++number_;
      if (text_.ends_with('\r'))
        text_.remove_suffix(1);
      if (text_.find_first_not_of(" \t") != std::string_view::npos)
        return true;
    }
    return false;
  }
  std::string_view text() const { return text_; }
  std::size_t number() const { return number_; }

private:
  std::string_view left_;
  std::string_view text_;
  std::size_t number_ = 0;
};

std::optional<value> parsed(std::string_view text, std::string& wrong) {
  auto whole = from_json(text);
  if (!whole) {
    const auto& detail = whole.error().detail;
    wrong = fmt::format("this is no JSON{}{}", detail.empty() ? "" : ": ", printable(detail));
    return {};
  }
  if (!whole->is_map()) {
    wrong = "a JSON object is expected";
    return {};
  }
  return std::move(*whole);
}

void note_who_answers(const scenario_line& line, scenario& of) {
  if (line.type == "offer.accept" || line.type == "offer.decline")
    of.answering_agents.insert(agent_id{line.data.text_or("agent")});
  if (line.type == "dial.report")
    of.dialled.insert(contact_id{line.data.text_or("contact")});
}

void sort_lines(scenario& of) {
  const auto earlier = [](const scenario_line& a, const scenario_line& b) { return a.at < b.at; };
  if (!std::ranges::is_sorted(of.lines, earlier))
    std::ranges::stable_sort(of.lines, earlier);
}

const std::string& keep(scenario& of, std::string text) {
  return of.texts.emplace_back(std::move(text));
}

} // namespace

std::string text_of(const bad_file& wrong) {
  return wrong.line == 0 ? fmt::format("{}: {}", wrong.file, wrong.sentence)
                         : fmt::format("{}:{}: {}", wrong.file, wrong.line, wrong.sentence);
}

std::optional<instant> read_moment(std::string_view text, instant start) {
  if (const auto moment = parse_rfc3339(text))
    return moment->at;
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !(seconds >= 0)
      || seconds > at_max_s)
    return {};
  return start + from_seconds(seconds);
}

result<std::string, bad_file> read_text(const std::string& file) {
  if (file == "-")
    return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
  auto text = store::bytes_in(file);
  if (!text)
    return no(bad_file{file, 0, "the file cannot be read"});
  return std::move(*text);
}

result<scenario, bad_file> read_scenario(const std::string& file, std::string text) {
  scenario out;
  out.texts.reserve(2); // the lines look into the texts
  line_walk walk{keep(out, std::move(text))};
  std::string wrong;
  const auto bad = [&](std::string sentence) {
    return no(bad_file{file, walk.number(), std::move(sentence)});
  };
  if (!walk.next())
    return no(bad_file{file, 0, "the file is empty; its first line must be a {\"scenario\":…}"});
  const auto header = parsed(walk.text(), wrong);
  if (!header)
    return bad(wrong);
  if (!header->find("scenario"))
    return bad("the first line must be the header: {\"scenario\":\"name\",\"start\":…,\"seed\":…}");
  if (const auto said = read_header(*header, out))
    return bad(*said);
  while (walk.next()) {
    const auto whole = parsed(walk.text(), wrong);
    if (!whole)
      return bad(wrong);
    scenario_line line;
    if (const auto said = read_line(*whole, out.start, line))
      return bad(*said);
    if (line.type == "end") {
      out.end = out.end ? std::min(*out.end, line.at) : line.at;
      continue;
    }
    line.text = walk.text();
    note_who_answers(line, out);
    out.lines.push_back(std::move(line));
  }
  sort_lines(out);
  return out;
}

result<void, bad_file> replace_policy(scenario& of, const std::string& file, std::string text) {
  line_walk walk{keep(of, std::move(text))};
  std::string wrong;
  std::vector<scenario_line> lines;
  std::set<std::string, std::less<>> queues;
  bool agents = false;
  while (walk.next()) {
    const auto bad = [&](std::string sentence) {
      return no(bad_file{file, walk.number(), std::move(sentence)});
    };
    auto whole = parsed(walk.text(), wrong);
    if (!whole)
      return bad(wrong);
    if (whole->find("scenario"))
      continue;
    if (!whole->find("at"))
      whole->set("at", 0);
    scenario_line line;
    if (const auto said = read_line(*whole, of.start, line))
      return bad(*said);
    if (line.type == "queue.define")
      queues.emplace(line.data.text_or("queue"));
    else if (line.type.starts_with("agent."))
      agents = true;
    else
      return bad("a policy holds queue.define and agent lines, and nothing else");
    line.text = walk.text();
    lines.push_back(std::move(line));
  }
  std::erase_if(of.lines, [&](const scenario_line& line) {
    return (line.type == "queue.define" && queues.contains(line.data.text_or("queue")))
           || (agents && line.type.starts_with("agent."));
  });
  // Before the file's lines of the same instant: the policy was there first.
  of.lines.insert(of.lines.begin(), std::make_move_iterator(lines.begin()),
                  std::make_move_iterator(lines.end()));
  sort_lines(of);
  return {};
}

} // namespace careline::program
