#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "store/log_rows.hpp"

namespace careline::store {

/// Makes the log of an empty or missing data folder out of rows that came from another one. Until
/// `finish` all of it is under `unfinished/`, and no engine starts on the folder; what is not
/// finished is taken away again, or at the next `begin` where the process died.
class log_builder {
public:
  /// Fails with a sentence for a folder that holds anything, or cannot be written.
  /// `bytes_expected`: about what the rows take.
  static result<std::unique_ptr<log_builder>, log_error> begin(const std::string& data_folder,
                                                               std::uint64_t bytes_expected);
  ~log_builder();

  /// Adds the next row, record ‖ h(position). `damaged`: it does not follow what is there.
  result<void, log_error> add(std::string_view row);
  position head() const;
  const chain_hash& hash() const;
  /// Where the keys are put before `finish`; not there yet.
  std::string keys_folder() const;
  /// Adds what belongs to the rows, makes all durable and the folder one to serve from. Looks at it
  /// once more, as every opening does. Requires: `with` is of the head that was built.
  result<void, log_error> finish(const log_state& with);

private:
  struct impl;
  explicit log_builder(std::unique_ptr<impl> of);
  std::unique_ptr<impl> impl_;
};

/// What the folder of a restore or import that did not end has in it.
inline constexpr std::string_view unfinished_name = "unfinished";

} // namespace careline::store
