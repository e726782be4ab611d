#pragma once

#include "tools/careline/call_log_report.hpp"

namespace careline::program {

/// Reads a policy for a call log's one queue: `queue.define` of "bank", whose fields stand in the
/// place of the log's own.
result<void, bad_file> read_call_log_policy(const std::string& file, call_log_options& into);

/// The log as it was: the same options with nothing of a what-if in them.
call_log_options as_recorded(call_log_options how);

/// Plays the log once for each of `seeds` seeds as it was, and once more where the options say
/// something else. Returns the exit code.
int compare_call_log(const call_log& log, const call_log_options& how, int seeds, bool json);

} // namespace careline::program
