#pragma once

#include <functional>
#include <memory>
#include <string>

#include "store/event_log.hpp"
#include "store/keys/signing.hpp"

namespace careline::store {

struct head_signer_options {
  std::string file;                ///< heads are appended to it
  span every = std::chrono::hours{1};  ///< of engine time; zero: only at the end
  std::function<instant()> now;    ///< engine time
  double speed = 1;                ///< engine seconds a second
  /// Worth a line in the journal. `grave`: the log is not what was signed.
  std::function<void(bool grave, const std::string&)> remark;
  /// How a line gets into the file; a slow disk in the tests.
  std::function<result<void, heads_failure>(const std::string&, const signed_head&)> append =
      append_head;
};

/// Signs where the log stands, on a schedule and at the end, on a thread that leaves the processor
/// to others. What came since the head before is checked against the chain first: nothing is signed
/// that was not looked at. The schedule goes on where the file says that it stood; a log that does
/// not continue the file's last head is reported, walked from its start and signed on, so that the
/// file keeps both.
class head_signer {
public:
  /// `log` outlives it. Starts the thread.
  head_signer(const event_log& log, const signing_key& key, head_signer_options options);
  /// Ends the thread; signs nothing, and waits for no disk of the file.
  ~head_signer();
  head_signer(const head_signer&) = delete;
  head_signer& operator=(const head_signer&) = delete;

  /// Ends the schedule, and signs once more. Takes no longer than `limit` of the machine's time: a
  /// file whose disk does not answer is left alone with a remark. The last thing that is called.
  void sign_last(span limit);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::store
