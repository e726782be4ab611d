// What registered people cost: memory of a party beside its sealed record, looking them up, and
// reading them back from a snapshot. Prints one line a figure; docs/performance.md says under which
// conditions.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "actors/registration/decide_form.hpp"
#include "actors/registration/model.hpp"
#include "messages/codec.hpp"
#include "tests/bench/live_engine.hpp"

using namespace careline;

namespace {

const instant nine = from_ms(1'772'413'200'000);

/// As the real one makes them: 34 characters that look like nothing, and records as long as sealed
/// ones.
class bench_sealer final : public sealer {
public:
  person_id person_of(std::string_view customer) const override {
    char text[40];
    std::snprintf(text, sizeof text, "P-%016zx%016zx", std::hash<std::string_view>{}(customer),
                  customer.size());
    return person_id{std::string{text}};
  }
  answer<std::string> seal(const person_id&, std::string_view clear) override {
    return std::string(9, 's') + std::string(40, 'n') + std::string{clear};
  }
  answer<std::string> open(const person_id&, std::string_view sealed) const override {
    return std::string{sealed.substr(49)};
  }
};

std::string phone_of(int n) {
  return "138" + std::to_string(10'000'000 + n);
}

command registering(int n) {
  registration::customer_register c;
  c.purpose = code_word{"business"};
  c.read_back = true;
  char number[20];
  std::snprintf(number, sizeof number, "P%08d", n);
  c.fields_given = personal<value>{value::map{{"name", "张三"},
                                              {"phone", phone_of(n)},
                                              {"document_kind", "passport"},
                                              {"document_number", number}}};
  return c;
}

command finding(int n) {
  registration::customer_find c;
  c.purpose = code_word{"dial"};
  c.phone = personal<std::string>{phone_of(n)};
  return c;
}

template <class F>
double seconds_of(F&& f) {
  const auto begun = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}


void say(registration::registration_model& model, const command& c,
         const kernel::turn_context& in) {
  auto done = model.decide(c, in);
  if (!done || done->refused) {
    std::fprintf(stderr, "refused: %s\n", (done ? *done->refused : done.error()).type.c_str());
    std::exit(1);
  }
  for (const auto& e : done->events)
    model.evolve(e, in.now);
}

int run(int people) {
  bench_sealer keys;
  kernel::turn_context in;
  in.now = nine;
  in.client = "bench";
  in.keys = &keys;
  std::printf("%s; %d people\n", bench::machine().c_str(), people);
  registration::registration_model model;
  const auto before = bench::bytes_in_use();
  const auto took = seconds_of([&] {
    for (int n = 0; n < people; ++n)
      say(model, registering(n), in);
  });
  const auto each = static_cast<double>(bench::bytes_in_use() - before) / people;
  std::printf("registered: %.0f a second\n", people / took);
  const auto one = model.decide(registering(people), in);
  const auto& first = std::get<registration::customer_registered>(one->events.front());
  const auto sealed = first.fields_given.sealed_form().size();
  std::printf("memory: %.0f bytes a party, %zu of them its sealed record\n", each, sealed);
  const int looks = std::min(people, 200'000);
  const auto looked = seconds_of([&] {
    for (int n = 0; n < looks; ++n)
      say(model, finding(static_cast<int>(n * 7919LL % people)), in);
  });
  std::printf("looked up: %.0f a second\n", looks / looked);
  std::string bytes;
  const auto saved = seconds_of([&] { bytes = pack(model.save()); });
  registration::registration_model again;
  const auto loaded = seconds_of([&] {
    if (!again.load(*unpack_own(bytes)))
      std::exit(1);
  });
  std::printf("snapshot: %.1f MiB, written in %.2f s, read in %.2f s\n",
              static_cast<double>(bytes.size()) / 1048576, saved, loaded);
  return again.count_parties() == model.count_parties() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  return run(argc > 1 ? std::atoi(argv[1]) : 1'000'000);
}
