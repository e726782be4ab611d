#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "messages/vocabulary.hpp"

namespace careline::program {

/// Mean over seeds, and half of the interval that has the true mean in it 95 times of 100.
struct seen_mean {
  double mean = 0;
  double half = 0;
};
seen_mean mean_of(const std::vector<double>& values);

enum class shown_as { count, seconds, share };
struct compared_metric {
  std::string name;
  shown_as as = shown_as::count;
};

/// The figures of a centre that a play is judged by.
std::vector<compared_metric> usual_metrics();

/// "means of 20 seeds, differences with …", and a full stop.
std::string seeds_sentence(int seeds, bool is_compared);

/// Waits as people had them, beside what a board keeps: who was answered is counted by how long.
class wait_tally {
public:
  void saw(const event& e, instant at);
  void answered(span wait) { answered_s_.push_back(to_seconds(wait)); }
  void abandoned() { ++abandoned_; }
  /// `answered`, `abandoned`, `abandon_rate` (of all whose wait ended, those too who asked to be
  /// called back), `asa_s`, `wait_p90_s` (nine of ten of the answered
  /// waited no longer), `callback_wait_s` (mean, from coming until called back) and
  /// `callback_wait_p90_s`. What has no base is left out.
  value figures() const;
  /// Gives figures of a board those of these that no board keeps.
  void complete(value& figures) const;

private:
  struct waiting {
    instant since{};
    bool callback = false;
  };
  std::unordered_map<contact_id, waiting> waiting_;
  std::vector<double> answered_s_;
  std::vector<double> called_back_s_;
  std::int64_t abandoned_ = 0;
  std::int64_t callbacks_ = 0;
};

/// Figures of the same people played once for each seed, as it was and otherwise: what differs has
/// less chance in it than either.
class comparison {
public:
  explicit comparison(std::vector<compared_metric> metrics) : metrics_(std::move(metrics)) {}

  void was_recorded(value figures) { recorded_ = std::move(figures); }
  void as_it_was(const value& figures) { take(figures, &column::as_it_was); }
  void otherwise(const value& figures) { take(figures, &column::otherwise); }

  /// A row a metric that was recorded, or was not nothing in some play.
  std::string table() const;
  /// {metric: {"recorded", "played", "played_half", "other_policy", "other_policy_half",
  /// "difference", "difference_half"}}
  value json() const;

private:
  /// One metric over all seeds; NaN where a play had nothing to measure.
  struct column {
    std::vector<double> as_it_was;
    std::vector<double> otherwise;
  };
  void take(const value& figures, std::vector<double> column::*into);
  bool is_compared() const;
  static bool happened(const column& c);
  static std::vector<double> differences(const column& c);
  static std::string differs(const column& c, shown_as as);

  std::vector<compared_metric> metrics_;
  std::map<std::string, column> columns_;
  value recorded_;
};

} // namespace careline::program
