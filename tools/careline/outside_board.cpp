#include "tools/careline/outside_board.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>

#include "actors/board/show.hpp"
#include "messages/codec.hpp"
#include "tools/careline/metrics.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

constexpr std::chrono::seconds wait_for_position{1};  // contract §2: else `busy`
constexpr auto source = "board-outside";

/// The event of a record; nothing when this version does not know it.
std::optional<event> read(const event_record& record) {
  auto known = unpack_event(record.type, record.data);
  if (!known)
    return {};
  return std::move(*known);
}

} // namespace

result<std::unique_ptr<outside_board>, std::string> outside_board::open(options what) {
  std::unique_ptr<outside_board> out{new outside_board{std::move(what)}};
  auto engine = engine_link::open(out->options_.commands_address, source, out->options_.key);
  if (!engine)
    return no(engine.error());
  out->engine_ = std::move(*engine);
  try {
    out->start_following();
  } catch (const std::exception& wrong) {
    return no(std::string{wrong.what()});
  }
  if (!out->options_.http.empty())
    if (auto served = out->serve_pages(); !served)
      return no(served.error());
  return out;
}

outside_board::~outside_board() {
  // Pages first, then what feeds them; the rest are answered by the link's end.
  if (http_)
    http_->close();
  events_.reset();
  engine_.reset();
  for (auto& left : behind_)
    left.answer(refuse(left.query.id, because("engine.stopping")));
}

void outside_board::start_following() {
  gateway::bus::subscriber_options from;
  from.events_address = options_.events_address;
  from.commands_address = options_.commands_address;
  from.source = source;
  from.key = options_.key;
  from.on_reset = [this](position) { start_over(); };
  from.on_unreadable = [](const std::string& what) { complain(what); };
  events_ = std::make_unique<gateway::bus::bus_subscriber>(
      std::move(from),
      [this](const std::vector<event_record>& events, position head) { take(events, head); });
}

result<void, std::string> outside_board::serve_pages() {
  gateway::http::http_options how;
  how.address = options_.http;
  how.metrics = [this] { return metrics(); };
  how.readiness = [this](bool verbose, bool& ready) { return readiness(verbose, ready); };
  how.whole_board = [this] { return whole_frame(); };
  how.now = [this] { return engine_->now({}); };
  how.beat = std::chrono::hours{1};  // silence of the engine must look like silence to a page
  auto opened = gateway::http::http_server::open(std::move(how), *this);
  if (!opened)
    return no(opened.error());
  http_ = std::move(*opened);
  http_->start();
  return {};
}

void outside_board::start_over() {
  const std::scoped_lock lock{mutex_};
  complain("the engine has another log: the board begins again from its first event");
  board_ = board::board_model{};
  pages_ = {};
  whole_ = false;
  reached_.reset();
}

void outside_board::take(const std::vector<event_record>& events, position head) {
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& record : events) {
      if (options_.stop_at && record.at > *options_.stop_at)
        break;
      if (const auto known = read(record))
        board_.evolve(*known, record.time);
      board_.stand_at(record.at);
    }
    head_ = head;
    whole_ = board_.at() > 0 && board_.at() >= options_.stop_at.value_or(head);
  }
  moved_.notify_all();
  answer_reached();
}

bool outside_board::wait_until_whole(std::chrono::milliseconds most) {
  std::unique_lock lock{mutex_};
  return moved_.wait_for(lock, most, [&] { return whole_; });
}

position outside_board::at() const {
  const std::scoped_lock lock{mutex_};
  return board_.at();
}

std::string outside_board::http_address() const {
  return http_ ? http_->address() : std::string{};
}

value outside_board::show(std::optional<instant> time) const {
  const std::scoped_lock lock{mutex_};
  const auto& s = board_.state();
  return board::show(s, std::max(time.value_or(s.last), s.last));
}

bool outside_board::is_fresh() const {
  const auto silent = engine_->silent_for();
  return silent && *silent <= silence_max && events_->hears();
}

/// The board has what the engine had in its log not long ago: hearing its answers is not enough,
/// as events come by another socket. Under the lock.
bool outside_board::is_up_to_date() const {
  return reached_ && std::chrono::steady_clock::now() - *reached_ <= silence_max;
}

void outside_board::note_reached() {
  const auto head = engine_->head();
  const std::scoped_lock lock{mutex_};
  if (head && board_.at() >= *head)
    reached_ = std::chrono::steady_clock::now();
}

void outside_board::step() {
  answer_reached();
  note_reached();
  if (!http_ || !is_fresh())
    return;
  auto shown = std::make_shared<gateway::http::board_frame>();
  {
    const std::scoped_lock lock{mutex_};
    if (!whole_ || !is_up_to_date())
      return; // figures of another time must not be shown under this one
    const auto was_new = pages_.at() == 0;
    auto made = pages_.delta(board_, engine_->now(board_.state().last));
    if (was_new)  // after start_over a delta says nothing of what is gone: give it whole
      made = pages_.whole();
    *shown = {made.at, made.whole, std::move(made.json)};
  }
  http_->show(std::move(shown));
}

gateway::http::board_frame outside_board::whole_frame() const {
  const std::scoped_lock lock{mutex_};
  if (pages_.at() == 0)
    return {}; // still reading the log: the first figures shown are whole
  auto made = pages_.whole();
  return {made.at, made.whole, std::move(made.json)};
}

void outside_board::submit(command_envelope command, std::string, gateway::respond answer) {
  if (command.type != query::board_show::type) {
    engine_->submit(std::move(command), std::move(answer));
    return;
  }
  const auto wanted = static_cast<position>(
      std::max<std::int64_t>(0, command.data.int_or("min_position", 0)));
  if (at() >= wanted) {
    answer(answer_show(command));
    return;
  }
  const std::scoped_lock lock{mutex_};
  behind_.push_back({std::move(command), std::move(answer), wanted,
                     std::chrono::steady_clock::now() + wait_for_position});
}

reply outside_board::answer_show(const command_envelope& query) const {
  const auto asked = read_command(query.type, query.data);
  if (!asked)
    return refuse(query.id, asked.error());
  const std::scoped_lock lock{mutex_};
  kernel::turn_context in;
  in.now = engine_->now(board_.state().last);
  auto shown = board_.ask(*asked, in);
  if (!shown)
    return refuse(query.id, shown.error());
  reply out;
  out.id = query.id;
  out.data = std::move(*shown);
  return out;
}

void outside_board::answer_reached() {
  std::vector<behind> reached;
  std::vector<behind> late;
  {
    const std::scoped_lock lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(behind_, [&](behind& b) {
      const bool is_reached = board_.at() >= b.wanted;
      if (!is_reached && now < b.until)
        return false;
      (is_reached ? reached : late).push_back(std::move(b));
      return true;
    });
  }
  for (auto& b : reached)
    b.answer(answer_show(b.query));
  for (auto& b : late)
    b.answer(refuse(b.query.id, because("engine.behind")));
}

std::string outside_board::readiness(bool verbose, bool& ready) const {
  const std::scoped_lock lock{mutex_};
  const auto silent = engine_->silent_for();
  const auto answers = silent && *silent <= silence_max;
  const auto hears = events_->hears();
  const auto told = std::max(engine_->head().value_or(0), head_);
  ready = answers && hears && whole_ && is_up_to_date();
  std::string out;
  const auto line = [&](bool good, std::string_view name, std::string_view why) {
    if (verbose)
      out += fmt::format("[{}]{}{}{}\n", good ? '+' : '-', name, good ? " ok" : ": ",
                         good ? std::string_view{} : why);
    else if (!good)
      out += fmt::format("{}: {}\n", name, why);
  };
  line(answers, "engine", "the engine is not heard");
  line(hears, "events", "no beat comes on " + options_.events_address);
  line(whole_ && is_up_to_date(), "board",
       fmt::format("at {}, the log at {}", board_.at(), std::max(told, board_.at())));
  return out;
}

std::string outside_board::metrics() const {
  metrics_input in;
  {
    const std::scoped_lock lock{mutex_};
    in.board = board::show(board_.state(), engine_->now(board_.state().last));
    in.board_at = board_.at();
    in.head = std::max({head_, board_.at(), engine_->head().value_or(0)});
    in.speed = board_.state().speed;
    in.engine_time_s = static_cast<double>(to_ms(engine_->now(board_.state().last))) / 1000.0;
  }
  readiness(false, in.ready);
  if (http_)
    in.http = http_->figures();
  in.process = read_process_figures();
  return metrics_text(in);
}

} // namespace careline::program
