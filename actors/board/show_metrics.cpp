#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "actors/board/show.hpp"

namespace careline::board {

namespace {

/// How a figure is written for a person.
enum class unit { count, seconds, percent };

struct column {
  std::string_view metric;
  std::string_view title;
  unit in;
};

constexpr std::array columns{
    column{"queued", "queued", unit::count},
    column{"answered", "answered", unit::count},
    column{"abandoned", "abandoned", unit::count},
    column{"refused", "refused", unit::count},
    column{"timed_out", "timed out", unit::count},
    column{"callbacks", "callbacks", unit::count},
    column{"waiting", "waiting", unit::count},
    column{"in_progress", "in progress", unit::count},
    column{"asa_s", "asa_s", unit::seconds},
    column{"longest_wait_s", "longest_wait_s", unit::seconds},
    column{"aht_s", "aht_s", unit::seconds},
    column{"abandon_rate", "abandon_rate", unit::percent},
    column{"sl_late", "sl_late", unit::percent},
    column{"sl_strict", "sl_strict", unit::percent},
    column{"sl_answered", "sl_answered", unit::percent},
    column{"occupancy", "occupancy", unit::percent},
};

std::string cell(const value* figure, unit in) {
  if (!figure)
    return "-";
  std::array<char, 32> text{};
  const auto x = figure->to_double();
  switch (in) {
    case unit::count: std::snprintf(text.data(), text.size(), "%.0f", x); break;
    case unit::seconds: std::snprintf(text.data(), text.size(), "%.1f", x); break;
    case unit::percent: std::snprintf(text.data(), text.size(), "%.1f%%", x * 100); break;
  }
  return text.data();
}

/// Columns that a terminal gives a text: two for each Chinese character.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U)
      width += byte >= 0xE3U ? 2 : 1;
  }
  return width;
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const auto used = width_of(text);
  const std::string space(width > used ? width - used : 0, ' ');
  return left ? text + space : space + text;
}

using table_row = std::vector<std::string>;

table_row row_of(std::string name, const value& figures) {
  table_row out{std::move(name)};
  for (const auto& c : columns)
    out.push_back(cell(figures.find(c.metric), c.in));
  return out;
}

std::string print(const std::vector<table_row>& rows) {
  std::vector<std::size_t> widths(columns.size() + 1, 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out += (i ? "  " : "") + padded(row[i], widths[i], i == 0);
    out += '\n';
  }
  return out;
}

} // namespace

value metrics(const board_model& board, instant now, period of) {
  const auto& s = board.state();
  value queues{value::map{}};
  for (const auto& q : s.queues)
    queues.add(q.id.text(), queue_figures(s, q, now, precision::exact, of));
  value out{value::map{}};
  out.add("metrics", centre_figures(s, now, precision::exact, of));
  out.add("queues", std::move(queues));
  if (!s.sites.empty())
    out.add("sites", sites_figures(s, now, precision::exact, of));
  return out;
}

std::string metrics_table(const board_model& board, instant now, period of) {
  const auto& s = board.state();
  table_row titles{"queue"};
  for (const auto& c : columns)
    titles.emplace_back(c.title);
  std::vector<table_row> rows{titles};
  for (const auto& q : s.queues)
    rows.push_back(row_of(q.id.text(), queue_figures(s, q, now, precision::exact, of)));
  rows.push_back(row_of("(centre)", centre_figures(s, now, precision::exact, of)));
  return print(rows)
         + "\nsl_late: answered in time / (answered + abandoned late); sl_strict: / (answered + "
           "abandoned);\nsl_answered: / answered. In time: within the queue's service_level_s.\n";
}

} // namespace careline::board
