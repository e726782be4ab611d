#pragma once

#include <string>
#include <string_view>

#include "tests/simulation/people.hpp"

namespace careline::simulation {

/// Registers people and all that may come of it, about the same few numbers and contacts again and
/// again, so that what it says meets what is there.
class registrar final : public session_client {
public:
  using session_client::session_client;

protected:
  void saw(const event_record& r, const event& e) override;
  void work() override;

private:
  void about_records();
  void about_contacts();
  void about_rights();
  std::string party();
  std::string contact();

  int named_ = 0;
  std::string newest_;  ///< contact
};

/// What is left of a command that was refused, and kept: it changes nothing.
bool is_trace_of_refusal(std::string_view event_type);

} // namespace careline::simulation
