#pragma once

#include <string>

#include "tests/simulation/people.hpp"

namespace careline::simulation {

/// Says who may do what: keys, roles, people at pages, keys of programs, roles for an hour. About
/// few people again and again, so that what is said meets what is there. Two of them are needed:
/// what one asks for, the other allows.
class officer final : public session_client {
public:
  using session_client::session_client;

protected:
  void saw(const event_record&, const event&) override {}
  void work() override;

private:
  void about_keys();
  void about_people();
  void about_sessions();
  void about_more();
  std::string whom();
};

} // namespace careline::simulation
