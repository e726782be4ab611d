#include <fmt/format.h>
#include <string>
#include <utility>

#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/scenario_play.hpp"

namespace careline::program {

namespace {

struct asked {
  std::string file;
  std::string policy;
  std::string until;
  std::optional<std::uint64_t> seed;
  bool summary = false;
  bool json = false;
};

/// Seconds after the start: whole ones without a point.
value seconds_after(instant start, instant at) {
  const auto s = at - start;
  return s.count() % 1000 == 0 ? value{std::int64_t{s.count() / 1000}} : value{to_seconds(s)};
}

value problem_map(const problem& why) {
  value out{value::map{}};
  out.add("type", why.type);
  out.add("title", why.title);
  if (!why.field.empty())
    out.add("field", why.field);
  if (!why.detail.empty())
    out.add("detail", why.detail);
  return out;
}

/// Writes JSON lines to stdout, many at once. A reader that goes away ends it quietly.
class line_printer {
public:
  void add(const value& line) {
    text_ += to_json(line);
    text_ += '\n';
    if (text_.size() >= chunk)
      flush();
  }
  bool flush() {
    ok_ = ok_ && print(text_);
    text_.clear();
    return ok_;
  }

private:
  static constexpr std::size_t chunk = std::size_t{1} << 16U;
  std::string text_;
  bool ok_ = true;
};

/// What `simulate` prints of a scenario without --summary.
play_listener printing(line_printer& to, instant start) {
  const auto beside = [&to, start](instant at, std::string_view key, value said,
                                   const scenario_line& line) {
    value out{value::map{}};
    out.add("at", seconds_after(start, at));
    out.add(key, std::move(said));
    out.add("command", from_json(line.text).value_or(value{}));
    to.add(out);
  };
  play_listener out;
  out.event = [&to, start](const kernel::logged_event& e) {
    value line{value::map{}};
    line.add("at", seconds_after(start, e.time));
    line.add("position", e.at);
    line.add("type", type_of(e.what));
    line.add("subject", subject_of(e.what));
    line.add("data", data_of(e.what, true));
    to.add(line);
  };
  out.refused = [beside](instant at, const scenario_line& line, const problem& why) {
    beside(at, "refused", problem_map(why), line);
  };
  out.answered = [beside](instant at, const scenario_line& line, const value& said) {
    beside(at, "answer", said, line);
  };
  return out;
}

result<scenario, bad_file> load(const asked& what) {
  auto text = read_text(what.file);
  if (!text)
    return no(text.error());
  auto out = read_scenario(what.file, std::move(*text));
  if (!out)
    return out;
  if (what.seed)
    out->seed = *what.seed;
  if (what.policy.empty())
    return out;
  auto policy = read_text(what.policy);
  if (!policy)
    return no(policy.error());
  if (auto done = replace_policy(*out, what.policy, std::move(*policy)); !done)
    return no(done.error());
  return out;
}

int simulate_scenario(const asked& what) {
  const auto scene = load(what);
  if (!scene) {
    complain(text_of(scene.error()));
    return exit_code::wrong_usage;
  }
  std::optional<instant> until;
  if (!what.until.empty()) {
    until = read_moment(what.until, scene->start);
    if (!until) {
      complain("simulate: --until must be seconds after the start, or RFC 3339");
      return exit_code::wrong_usage;
    }
  }
  line_printer out;
  const bool lines = !what.summary;
  const auto done =
      play(*scene, until, lines ? printing(out, scene->start) : play_listener{});
  if (lines)
    return out.flush() ? exit_code::done : exit_code::work_failed;
  const auto& board = done.centre->board();
  const auto text = what.json ? to_json(board::metrics(board, done.ended)) + "\n"
                              : board::metrics_table(board, done.ended);
  return print(text) ? exit_code::done : exit_code::work_failed;
}

} // namespace

int simulate_main(int argc, char** argv) {
  auto app = make_app("simulate", "Runs a scenario in virtual time, with the code that serves.");
  asked what;
  app.add_option("file", what.file, "a scenario, JSON lines (- reads stdin)")->required();
  app.add_flag("--summary", what.summary, "print the metrics instead of the events");
  app.add_flag("--json", what.json, "with --summary: one JSON object");
  app.add_option("--seed", what.seed, "instead of the file's seed");
  app.add_option("--until", what.until, "stop at so many seconds, or at an RFC 3339 time");
  app.add_option("--policy", what.policy,
                 "JSON lines of queue.define and agent.*, in place of the file's");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  return simulate_scenario(what);
}

} // namespace careline::program
