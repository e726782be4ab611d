#include <cstdio>
#include <cstdlib>

#include "actors/kernel/virtual_kernel.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"

// Links all of the models with the vocabulary and nothing else (tests/CMakeLists.txt): that it is
// built at all proves that no decision needs MessagePack, CAF, ZeroMQ or LMDB.

using namespace careline;

int main() {
  reception::reception_model desk;
  routing::routing_model routing;
  kernel::virtual_parts parts;
  parts.reception = &desk;
  parts.routing = &routing;
  std::size_t events = 0;
  kernel::virtual_kernel centre{{}, parts, [&](const kernel::logged_event&) { ++events; }};
  command_envelope define;
  define.type = routing::queue_define::type;
  define.source = "desk";
  define.data.set("queue", "care");
  const auto told = centre.submit(define, instant{});
  const bool is_right = told.outcome == outcome_kind::accepted && events == 2;
  std::puts(is_right ? "the models stand alone" : "the models do not work alone");
  return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
