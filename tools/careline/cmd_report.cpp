#include <array>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <tuple>

#include "actors/kernel/log_pages.hpp"
#include "actors/kernel/log_recovery.hpp"
#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/report_books.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

using side = text_table::side;

enum class form { table, json, csv };

struct asked {
  std::string data;
  std::string day;
  int days = 1;
  std::string by = "queue";
  std::string each = "day";
  report_wish wish;
  form as = form::table;
};

template <class Item>
struct named {
  std::string_view word;
  Item item;
};
constexpr std::array groups{named{"centre", report_group::centre},
                            named{"queue", report_group::queue},
                            named{"channel", report_group::channel},
                            named{"agent", report_group::agent}};
constexpr std::array periods{named{"all", report_period::all}, named{"day", report_period::day},
                             named{"interval", report_period::interval}};

template <class Table, class Item>
bool read_word(const Table& table, std::string_view word, Item& into) {
  for (const auto& row : table)
    if (row.word == word) {
      into = row.item;
      return true;
    }
  return false;
}

enum class shown_as { count, seconds, share };
struct column {
  std::string_view metric;
  std::string_view title;
  shown_as as;
};
constexpr std::array columns{
    column{"offered", "offered", shown_as::count},
    column{"queued", "queued", shown_as::count},
    column{"answered", "answered", shown_as::count},
    column{"abandoned", "abandoned", shown_as::count},
    column{"sl_late", "sl_late", shown_as::share},
    column{"sl_strict", "sl_strict", shown_as::share},
    column{"asa_s", "asa_s", shown_as::seconds},
    column{"aht_s", "aht_s", shown_as::seconds},
    column{"longest_wait_s", "longest", shown_as::seconds},
    column{"occupancy", "occupancy", shown_as::share},
};

/// Every figure that a report may have, for CSV: a column is there whatever happened.
std::vector<std::string_view> all_figures() {
  auto out = explained_metrics();
  out.push_back("longest_wait_s");
  out.push_back("occupancy");
  return out;
}

std::string cell(const value& figures, const column& c) {
  const auto* figure = figures.find(c.metric);
  if (!figure)
    return "-";
  switch (c.as) {
  case shown_as::count:
    return to_json(*figure);
  case shown_as::seconds:
    return fmt::format("{:.1f}", figure->to_double());
  case shown_as::share:
    break;
  }
  return fmt::format("{:.1f} %", figure->to_double() * 100);
}

std::string period_text(instant at, const asked& what) {
  if (what.wish.each == report_period::all)
    return "all";
  const auto local = to_rfc3339(at, what.wish.offset_minutes);
  return what.wish.each == report_period::day ? local.substr(0, 10)
                                              : local.substr(0, 10) + " " + local.substr(11, 5);
}

std::string rows_table(const report_books& books, const asked& what) {
  if (books.rows().empty())
    return "Nothing happened then.\n";
  std::vector<text_table::column> heads{{"period"}, {what.by}};
  for (const auto& c : columns)
    heads.push_back({std::string{c.title}, side::right});
  text_table table{std::move(heads)};
  for (const auto& [key, row] : books.rows()) {
    const auto figures = figures_of(row);
    std::vector<std::string> cells{period_text(key.first, what), printable(key.second)};
    for (const auto& c : columns)
      cells.push_back(cell(figures, c));
    table.add(std::move(cells));
  }
  return table.text();
}

/// A name as a cell of CSV: quoted where it must be.
std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos)
    return text;
  std::string out = "\"";
  for (const char c : text)
    out += c == '"' ? std::string{"\"\""} : std::string{c};
  return out + "\"";
}

std::string rows_csv(const report_books& books, const asked& what) {
  std::string out = "period," + what.by;
  for (const auto name : all_figures())
    out += fmt::format(",{}", name);
  out += '\n';
  for (const auto& [key, row] : books.rows()) {
    const auto figures = figures_of(row);
    out += period_text(key.first, what) + "," + csv_text(key.second);
    for (const auto name : all_figures()) {
      const auto* figure = figures.find(name);
      out += "," + (figure ? to_json(*figure) : std::string{});
    }
    out += '\n';
  }
  return out;
}

value row_json(const report_books::key& key, const report_row& row, const asked& what) {
  value one{value::map{}};
  if (what.wish.each != report_period::all)
    one.add("from", to_rfc3339(key.first, what.wish.offset_minutes));
  one.add(what.by, key.second);
  one.add("figures", figures_of(row));
  if (what.wish.explain.empty())
    return one;
  value::list counted;
  for (const auto& c : row.counted) {
    value entry{value::map{}};
    entry.add("time", to_rfc3339(c.at));
    for (const auto& [name, text] : {std::pair{"contact", &c.contact}, std::pair{"queue", &c.queue},
                                     std::pair{"agent", &c.agent}})
      if (!text->empty())
        entry.add(name, *text);
    entry.add("part", c.part);
    entry.add("base", c.base);
    counted.push_back(std::move(entry));
  }
  one.add("counted", std::move(counted));
  return one;
}

std::string rows_json(const report_books& books, const asked& what) {
  value::list rows;
  for (const auto& [key, row] : books.rows())
    rows.push_back(row_json(key, row, what));
  return to_json(value{value::map{{"rows", std::move(rows)}}}) + "\n";
}

std::string plain_number(double x) {
  return fmt::format("{:g}", x);
}

/// Each contact behind a figure, and how they make it.
std::string explained(const report_books& books, const asked& what) {
  const auto& metric = *find_metric(what.wish.explain);
  std::string out;
  for (const auto& [key, row] : books.rows()) {
    double part = 0;
    double base = 0;
    text_table table{{{"time"}, {"contact"}, {"queue"}, {"agent"}, {"adds", side::right},
                      {metric.base ? "of" : "", side::right}}};
    for (const auto& c : row.counted) {
      part += c.part;
      base += c.base;
      table.add({to_rfc3339(c.at, what.wish.offset_minutes), printable(c.contact),
                 printable(c.queue), printable(c.agent), plain_number(c.part),
                 metric.base ? plain_number(c.base) : ""});
    }
    out += fmt::format("{}{} {}, {}: ", out.empty() ? "" : "\n", period_text(key.first, what),
                       printable(key.second), what.wish.explain);
    if (!metric.base)
      out += plain_number(part) + "\n";
    else if (base == 0)
      out += "there is nothing to count\n";
    else
      out += fmt::format("{} / {} = {:.6g}\n", plain_number(part), plain_number(base), part / base);
    if (!row.counted.empty())
      out += table.text();
  }
  return out.empty() ? "Nothing happened then.\n" : out;
}

/// What is wrong with the words, if anything; else they are in `what.wish`.
std::optional<std::string> read_words(asked& what) {
  if (!read_word(groups, what.by, what.wish.by))
    return "--by is centre, queue, channel or agent";
  if (!read_word(periods, what.each, what.wish.each))
    return "--each is all, day or interval";
  if (!what.wish.explain.empty() && !find_metric(what.wish.explain))
    return fmt::format("--explain: \"{}\" is not counted by contacts.{}",
                       printable(what.wish.explain.substr(0, 64)),
                       suggestion(what.wish.explain, explained_metrics()));
  if (!what.wish.explain.empty() && what.as == form::csv)
    return "--explain goes with a table or --json";
  return {};
}

int report(const store::event_log& log, asked& what) {
  const auto birth = kernel::read_birth(log);
  if (!birth)
    return failed(birth.error());
  if (*birth)
    what.wish.offset_minutes = (*birth)->offset_minutes;
  const auto days = days_of(log, what.day, what.days);
  if (!days)
    return days.error();
  std::tie(what.wish.from, what.wish.to) = *days;
  report_books books{what.wish};
  board::state centre;
  const auto head = log.head();
  progress_bar bar{"reading the log"};
  kernel::log_pages pages{log, 0, head, kernel::log_threads::own};
  for (position at = 0; at < head && centre.last < what.wish.to;) {
    const auto page = pages.next();
    if (!page)
      return failed(page.error());
    for (const auto& e : *page) {
      board::evolve(centre, e.what, e.time, &books);
      at = e.at;
    }
    bar.show(at, head);
  }
  bar.clear();
  books.close(centre, std::min(centre.last, what.wish.to));
  const auto said = what.as == form::json              ? rows_json(books, what)
                    : what.as == form::csv             ? rows_csv(books, what)
                    : what.wish.explain.empty()        ? rows_table(books, what)
                                                       : explained(books, what);
  return print(said) ? exit_code::done : exit_code::work_failed;
}

} // namespace

int report_main(int argc, char** argv) {
  auto app = make_app("report", "Reports a day or more from the log: each figure by its name in "
                                "docs/metrics.md.",
                      {"careline report --day 2026-03-02", "careline report --day 2026-03-02 "
                       "--days 7 --by agent --csv",
                       "careline report --by queue --only care --explain sl_late"});
  asked what;
  bool json = false;
  bool csv = false;
  add_data_option(app, what.data);
  app.add_option("--day", what.day, "the first local day; without: all that the log has");
  app.add_option("--days", what.days, "so many from it on")
      ->check(CLI::Range(1, 366))->capture_default_str();
  app.add_option("--by", what.by, "centre, queue, channel or agent")->capture_default_str();
  app.add_option("--each", what.each, "figures of each day, each interval of 15 minutes, or all")
      ->capture_default_str();
  app.add_option("--only", what.wish.only, "that queue, channel or agent alone");
  app.add_option("--explain", what.wish.explain, "list the contacts behind this figure");
  app.add_flag("--json", json, "as one JSON object, with all figures");
  app.add_flag("--csv", csv, "as CSV, with all figures");
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  what.as = json ? form::json : csv ? form::csv : form::table;
  if (const auto wrong = read_words(what)) {
    complain(fmt::format("report: {}. \"careline help report\" says more.", *wrong));
    return exit_code::wrong_usage;
  }
  store::open_options options;
  options.place = what.data;
  options.read_only = true;
  const auto log = store::open_event_log(options);
  return log ? report(**log, what) : failed(log.error());
}

} // namespace careline::program
