#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "actors/board/state.hpp"
#include "messages/result.hpp"
#include "store/event_log.hpp"

namespace careline::program {

/// What the figures of a report are kept by.
enum class report_group { centre, queue, channel, agent };
enum class report_period { all, day, interval };

struct report_wish {
  report_group by = report_group::queue;
  report_period each = report_period::day;
  instant from{};
  instant to = instant::max();
  int offset_minutes = 480;
  std::string only;     ///< of that queue, channel or agent alone; empty: of each
  std::string explain;  ///< the metric whose contacts are listed; empty: none
};

/// A contact that a metric counts: how much it adds above and below the line.
struct counted_contact {
  instant at{};
  std::string contact;  ///< empty for a wrap-up, whose contact has ended
  std::string queue;
  std::string agent;
  double part = 0;
  double base = 0;
};

/// Figures of one group in one period.
struct report_row {
  board::counters did;
  std::int64_t on_contact_ms = 0;
  std::int64_t idle_ms = 0;
  std::vector<counted_contact> counted;
};

/// How a metric is made of counts: part / base, or the part alone where there is no base. By
/// contract §4, as board::write_figures writes them.
struct metric_sum {
  std::string_view name;
  double (*part)(const board::counters&);
  double (*base)(const board::counters&);  ///< null: a count
};
const metric_sum* find_metric(std::string_view name);
std::vector<std::string_view> explained_metrics();

/// Keeps what the board counts by other groups and periods: the same counts, each in the period of
/// its event, a queue's and an agent's by the waits in the queue, others by the person's.
class report_books final : public board::book_keeper {
public:
  /// When a period began (0 for `all`), and the group's name.
  using key = std::pair<instant, std::string>;

  explicit report_books(report_wish wish) : wish_(std::move(wish)) {}
  void booked(const board::booking& one) override;
  void worked(const agent_id& who, board::phase what, instant from, instant to) override;
  /// Books what agents do at the end of it. Once, behind the last event.
  void close(const board::state& centre, instant end);

  const std::map<key, report_row>& rows() const noexcept { return rows_; }

private:
  std::string group_of(const board::booking& one) const;
  instant period_of(instant at) const;
  instant end_of(instant period) const;

  report_wish wish_;
  std::map<key, report_row> rows_;
};

/// The time that so many local days of a log take, from `day` ("2026-03-02") on; all of it where
/// `day` is empty. Failure: said on stderr, as an exit code.
result<std::pair<instant, instant>, int> days_of(const store::event_log& log,
                                                 const std::string& day, int days);

/// The figures of a row by contract §4's names; what has no base is left out.
value figures_of(const report_row& row);

} // namespace careline::program
