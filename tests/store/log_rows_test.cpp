#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "store/log_rows.hpp"
#include "store/row.hpp"
#include "story.hpp"

// What is copied of a log beside an engine that goes on.

namespace careline::store {
namespace {

using namespace story;

/// An engine of its own that takes in `commands`, and one more once it is told to.
class engine_beside {
public:
  explicit engine_beside(std::size_t commands) {
    options_.place = data();
    options_.map_bytes = 64 << 20;
    options_.reserve_bytes = 1 << 20;
    REQUIRE(::pipe(to_it_) == 0);
    REQUIRE(::pipe(from_it_) == 0);
    process_ = ::fork();
    if (process_ == 0)
      work(commands);
    wait();
  }
  ~engine_beside() {
    ::close(to_it_[1]);
    ::waitpid(process_, nullptr, 0);
  }
  engine_beside(const engine_beside&) = delete;
  engine_beside& operator=(const engine_beside&) = delete;

  const std::string& data() const { return scratch_.path(); }
  void take_one_more() const {
    REQUIRE(::write(to_it_[1], "1", 1) == 1);
    wait();
  }

private:
  void wait() const {
    char done = 0;
    REQUIRE(::read(from_it_[0], &done, 1) == 1);
  }
  static batch command(std::size_t n) {
    return answering(happened("contact.opened", "contact/C-" + std::to_string(n)), "phone-1",
                     id_at(morning, static_cast<unsigned>(n)), std::string(450, 'x'));
  }
  [[noreturn]] void work(std::size_t commands) const {
    ::close(to_it_[1]);
    auto log = open_event_log(options_).value();
    std::vector<batch> group;
    for (std::size_t n = 1; n <= commands; ++n)
      group.push_back(command(n));
    bool good = append(*log, std::move(group)) && ::write(from_it_[1], "1", 1) == 1;
    for (char turn = 0; good && ::read(to_it_[0], &turn, 1) == 1;)
      good = append(*log, {command(++commands)}) && ::write(from_it_[1], "1", 1) == 1;
    std::_Exit(good ? 0 : 1);
  }

  scratch_folder scratch_;
  open_options options_;
  int to_it_[2] = {};
  int from_it_[2] = {};
  pid_t process_ = 0;
};

TEST_CASE("backup: what is answered while the answers are copied is of the next one", "[backup]") {
  constexpr std::size_t commands = 10'000;  // more than are copied in one transaction
  const engine_beside engine{commands};
  const auto rows = log_rows::open(engine.data()).value();
  std::size_t transactions = 0;
  const auto state = rows->state([&] {
    if (++transactions == 2)
      engine.take_one_more();
  });
  REQUIRE(state);
  CHECK(transactions > 2);
  CHECK(state->head == commands);
  std::string_view left{state->commands};
  for (position at = 1; at <= commands; ++at) {
    const auto one = take_command(left);
    REQUIRE(one);
    CHECK(decode_remembered(one->key, one->row)->at == at);
  }
  CHECK(left.empty());
  CHECK(rows->state()->head == commands + 1);
}

} // namespace
} // namespace careline::store
