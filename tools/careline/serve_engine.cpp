#include "tools/careline/serve_engine.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <random>
#include <unistd.h>

#include "actors/board/show.hpp"
#include "actors/kernel/log_start.hpp"
#include "actors/kernel/shell_batch.hpp"
#include "messages/codec.hpp"
#include "store/lost_log.hpp"
#include "store/snapshots.hpp"
#include "tools/careline/open_files.hpp"
#include "tools/careline/serve_models.hpp"
#include "tools/careline/subcommands.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

constexpr span ahead_max = 5min;       // design §5.8

serve_failure failure_of(const store::log_error& why) {
  const auto code = why.fault == store::log_fault::damaged        ? exit_code::data_damaged
                    : why.fault == store::log_fault::newer_format ? exit_code::wrong_usage
                                                                  : exit_code::work_failed;
  auto sentence = why.detail;
  if (why.fault == store::log_fault::damaged && why.at != 0)
    sentence += fmt::format(" (position {})", why.at);
  return {code, std::move(sentence)};
}

std::string heads_file_of(const config& with) {
  return with.heads.empty() ? with.data + "/heads.jsonl" : with.heads;
}

[[noreturn]] void end_process(int code, const std::string& sentence) {
  complain(sentence);
  ::_exit(code);
}

/// A folder whose disk is not there looks like one in which nothing ever was.
std::optional<serve_failure> refuse_lost_log(const config& with) {
  const auto trace = store::trace_of_log(with.data, heads_file_of(with));
  if (!trace)
    return std::nullopt;
  return serve_failure{
      exit_code::data_damaged,
      fmt::format("there is no log in {}, but there was one: {}. Nothing was begun. See to it that "
                  "its disk is there, or restore a backup into an empty folder; to begin a new "
                  "log, name another folder and another file of heads", with.data, *trace)};
}

std::uint64_t random_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 31U) ^ source();
}

} // namespace

serve_engine::serve_engine(const config& with)
    : config_(with), has_keys_(needs_keys(with)), door_(places_of(with), has_keys_),
      disk_(config_) {}

result<std::unique_ptr<serve_engine>, serve_failure> serve_engine::open(const config& with) {
  std::unique_ptr<serve_engine> out{new serve_engine{with}};
  for (const auto step : {&serve_engine::open_log, &serve_engine::open_clock,
                          &serve_engine::begin_log, &serve_engine::start_heads,
                          &serve_engine::open_keys, &serve_engine::recover,
                          &serve_engine::open_bus, &serve_engine::start_actors,
                          &serve_engine::catch_up_reactions, &serve_engine::open_pages,
                          &serve_engine::start_watch})
    if (auto did = (out.get()->*step)(); !did)
      return no(did.error());
  return out;
}

serve_engine::done serve_engine::open_log() {
  open_files_max_ = raise_open_files();
  journal(kernel::journal_level::info,
          fmt::format("up to {} files and connections at once", open_files_max_));
  if (!store::has_log_file(config_.data))
    if (auto lost = refuse_lost_log(config_))
      return no(std::move(*lost));
  store::open_options options;
  options.place = config_.data;
  options.map_bytes = config_.disk_mib << 20U;
  // At another speed than 1, clients make ids by the wall clock and engine time runs on alone.
  if (config_.speed != 1)
    options.id_now = machine_clocks().wall;
  auto log = store::open_event_log(options);
  if (!log)
    return no(failure_of(log.error()));
  log_ = std::move(*log);
  if (log_->head() == 0)
    if (auto lost = refuse_lost_log(config_))
      return no(std::move(*lost));
  store::key_options of_keys;
  // Who signed a head or kept a snapshot in this very folder had keys in it; a log that was
  // restored or imported without keys has neither.
  if (log_->head() > 0)
    of_keys.made_before =
        store::trace_of_log(config_.data, config_.data + "/heads.jsonl").value_or("");
  auto keys = store::open_key_store(config_.data + "/keys", of_keys);
  if (!keys)
    return no(failure_of(keys.error()));
  keys_ = std::move(*keys);
  if (keys_->is_new() && log_->head() > 0)
    journal(kernel::journal_level::error,
            fmt::format("there were no keys beside the log, which has {} events: new ones were "
                        "made, and what is personal in those events cannot be read. Where there "
                        "are keys of it somewhere, stop the engine and put them in the place of "
                        "{}/keys", log_->head(), config_.data));
  if (keys_->ahead() == 0)
    journal(kernel::journal_level::warning,
            "no keys can be made: the disk is full or cannot be written; until it can, whoever has "
            "no key yet is turned away");
  return {};
}

serve_engine::done serve_engine::open_clock() {
  const auto readings = machine_clocks();
  const auto wall = readings.wall();
  auto birth = kernel::read_birth(*log_);
  if (!birth)
    return no(failure_of(birth.error()));
  if (*birth) {
    birth_ = **birth;
    if (birth_.speed != config_.speed)
      return no(serve_failure{exit_code::wrong_usage,
                              fmt::format("{} ran at speed {} and cannot go on at {}", config_.data,
                                          birth_.speed, config_.speed)});
    if (config_.speed == 1 && birth_.last_time > wall + ahead_max && !config_.accept_clock)
      return no(serve_failure{
          exit_code::wrong_usage,
          fmt::format("the log ends at {}, but this machine's clock says {}: put the clock right, "
                      "or give --accept-clock", to_rfc3339(birth_.last_time), to_rfc3339(wall))});
    if (birth_.time_zone != config_.time_zone)
      journal(kernel::journal_level::warning,
              fmt::format("the log keeps its time zone {}", birth_.time_zone));
  }
  clock_ = std::make_unique<kernel::engine_clock>(std::max(birth_.last_time, wall), config_.speed,
                                                  readings);
  return {};
}

serve_engine::done serve_engine::begin_log() {
  store::writer_options options;
  options.on_fatal = [](const store::log_error& why) {
    end_process(exit_code::work_failed, "the log could not be written: " + why.detail);
  };
  writer_ = std::make_unique<store::log_writer>(*log_, options);
  writer_->listen([this](const auto& events) { on_tail(events); });
  if (log_->head() != 0) {
    const auto at = log_->find_checkpoint(kernel::reacting);
    if (!at)
      return no(failure_of(at.error()));
    if (!*at)
      return no(serve_failure{exit_code::data_damaged,
                              fmt::format("{} has lost the checkpoint of {}", config_.data,
                                          kernel::reacting)});
    reacted_ = **at;
    return {};
  }
  const auto now = clock_->now();
  birth_ = {random_seed(), config_.time_zone,
            offset_minutes_of(config_.time_zone, now).value_or(480), config_.speed, now};
  std::promise<result<store::committed, store::log_error>> told;
  writer_->submit(kernel::first_batch(birth_, *keys_),
                  [&](auto what) { told.set_value(std::move(what)); });
  if (const auto written = told.get_future().get(); !written)
    return no(failure_of(written.error()));
  return {};
}

serve_engine::done serve_engine::start_heads() {
  const auto path = config_.data + "/keys/signing.key";
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(path, ignored);
  const auto key = store::load_signing_key(path, true);
  if (!key && !is_new)
    return no(failure_of(key.error()));
  store::head_signer_options options;
  options.file = heads_file_of(config_);
  if (const auto can = store::try_heads_file(options.file); !can && !can.error().is_disk_full)
    return no(serve_failure{exit_code::work_failed, can.error().sentence});
  if (!key) {
    // A full disk keeps nobody from serving.
    journal(kernel::journal_level::warning,
            key.error().detail + "; no heads are signed until the next start");
    return {};
  }
  if (is_new)
    journal(kernel::journal_level::info,
            fmt::format("signed heads go to {}; they are checked with the public key {}",
                        options.file, key->shown().text()));
  options.every = std::chrono::seconds{config_.heads_every_s};
  options.now = [this] { return clock_->now(); };
  options.speed = config_.speed;
  options.remark = [this](bool grave, const std::string& what) {
    journal(grave ? kernel::journal_level::error : kernel::journal_level::warning, what);
  };
  heads_ = std::make_unique<store::head_signer>(*log_, *key, std::move(options));
  return {};
}

kernel::find_snapshot serve_engine::snapshot_finder() const {
  return [this](std::string_view name) -> std::optional<kernel::kept_state> {
    auto found = store::load_newest_snapshot(snapshots_folder(), name, *log_);
    for (const auto& why : found.left_aside)
      journal(kernel::journal_level::warning, why);
    if (!found.newest)
      return std::nullopt;
    return kernel::kept_state{found.newest->at, std::move(found.newest->body)};
  };
}

serve_engine::done serve_engine::recover() {
  models_ = make_models(config_);
  auto did = kernel::recover(*log_, models_.each(), snapshot_finder(),
                             kernel::log_threads::own);
  if (!did)
    return no(failure_of(did.error()));
  for (const auto& remark : did->remarks)
    journal(kernel::journal_level::warning, remark);
  restart(models_, clock_->now());
  access_.begin(book_of(models_));
  head_ = did->head;
  const auto& board = static_cast<const board::board_model&>(*models_.board);
  pages_.begin(board, clock_->now());
  complain(recovery_sentence(board, clock_->now(), head_));
  start_snapshots(did->began);
  start_eraser();
  return {};
}

void serve_engine::start_snapshots(position last) {
  kernel::snapshot_options options;
  options.every = config_.snapshot_events;
  options.kinds = model_kinds(config_);
  options.find = snapshot_finder();
  options.write = [this](std::string_view name, const kernel::kept_state& state) {
    const auto hash = log_->hash_at(state.at);
    if (!hash)
      return false;
    auto did = store::write_snapshot(snapshots_folder(), name, state.at, *hash, state.body,
                                     {.days = config_.snapshot_days});
    if (!did)
      journal(kernel::journal_level::warning, "no snapshot: " + did.error());
    return did.has_value();
  };
  options.remark = [this](const std::string& what) {
    journal(kernel::journal_level::warning, what);
  };
  options.ask = [this](kernel::parts_question of) {
    auto* const live = compared_with_.load();
    return live ? live->look_at_parts(std::move(of)) : 0;
  };
  options.version = CARELINE_VERSION;
  options.hashed = [this](engine::state_hashed what) {
    if (auto* const live = compared_with_.load())
      live->note(std::move(what));
  };
  options.alarm = [this](const std::string& what) {
    journal(kernel::journal_level::error,
            "state differs: " + what + "; no snapshot was written, the engine goes on by its live "
            "state (docs/runbooks/state-differs.md)");
  };
  snapshots_ = std::make_unique<kernel::log_snapshots>(*log_, std::move(options), last);
  tail_counts_ = snapshots_.get();
  snapshots_->reached(head_);
}

void serve_engine::on_tail(const std::vector<std::shared_ptr<const event_record>>& events) {
  access_.take(events); // before anybody hears of it
  if (auto* bus = tail_to_.load())
    bus->publish(events);
  if (auto* pages = tail_shows_.load())
    pages->tell(events);
  if (auto* counts = tail_counts_.load(); counts && !events.empty())
    counts->reached(events.back()->at);
  if (auto* eraser = tail_erases_.load())
    eraser->reached(events);
  if (!events.empty())
    if (const auto said = disk_.reached(events.back()->at, *log_))
      journal(kernel::journal_level::warning, *said);
}

/// Whoever is erased in the models, by whatever start this is: an engine that was killed may have
/// left the keys there.
void serve_engine::start_eraser() {
  eraser_ = std::make_unique<key_eraser>(
      *log_, *keys_,
      [this](kernel::journal_level level, const std::string& line) { journal(level, line); },
      [this](event what) { access_.tell(std::move(what)); });
  tail_erases_ = eraser_.get();
  for (const auto& desk : models_.desks)
    if (desk.who == owner::registration)
      eraser_->erase(static_cast<const registration::registration_model&>(*desk.of).erased());
}

serve_engine::done serve_engine::open_bus() {
  gateway::bus::bus_options options;
  options.commands = config_.commands;
  options.events = config_.events;
  options.head = head_;
  options.last_of_types = log_->last_of_types();
  if (has_keys_) {
    options.keeper = &access_;
    options.secret_key = bus_secret_;
    options.alarm = [this](const std::string& what) {
      journal(kernel::journal_level::error, what);
    };
  }
  auto bus = gateway::bus::bus_server::open(std::move(options), door_);
  if (!bus)
    return no(serve_failure{exit_code::work_failed, bus.error()});
  bus_ = std::move(*bus);
  tail_to_ = bus_.get();
  return {};
}

serve_engine::done serve_engine::start_actors() {
  kernel::engine_options options;
  options.seed = birth_.seed;
  options.offset_minutes = birth_.offset_minutes;
  options.head = head_;
  options.reacted = reacted_;
  options.intake.places = places_of(config_);
  kernel::engine_ports ports{
      *log_, *writer_, *keys_, *clock_,
      [this](std::string_view type, const value& data) {
        return keys_->digest_of_command(type, data.is_nil() ? std::string{} : pack(data));
      },
      [this](kernel::journal_level level, const std::string& line) { journal(level, line); },
      [](int code, const std::string& sentence) { end_process(code, sentence); },
      [this](kernel::capability& board, position, instant now) {
        pages_.show(static_cast<const board::board_model&>(board), now);
      }};
  engine_ = std::make_unique<kernel::actor_engine>(std::move(options), std::move(ports),
                                                   std::move(models_));
  access_.lead_to([this](event what) { engine_->note(std::move(what)); });
  return {};
}

serve_engine::done serve_engine::catch_up_reactions() {
  const auto missed = kernel::read_missed(
      *log_, reacted_, head_,
      [this](const std::vector<event_record>& events) { engine_->deliver(events); });
  if (!missed)
    return no(failure_of(missed.error()));
  name_fallbacks();
  door_.lead_to(engine_.get());
  compared_with_ = engine_.get();
  gateway::bus::subscriber_options following;
  following.events_address = gateway::bus::bus_options{}.inproc_events;
  following.commands_address =
      has_keys_ ? gateway::bus::bus_options{}.inproc_commands : bus_->commands_address();
  following.context = bus_->context();
  following.after = head_;
  following.source = "careline";
  following.on_unreadable = [this](const std::string& what) {
    journal(kernel::journal_level::error, what);
  };
  try {
    subscriber_ = std::make_unique<gateway::bus::bus_subscriber>(
        std::move(following),
        [this](const std::vector<event_record>& events, position) { engine_->deliver(events); });
  } catch (const std::exception& wrong) {
    return no(serve_failure{exit_code::work_failed, wrong.what()});
  }
  return {};
}

void serve_engine::name_fallbacks() {
  const auto told = std::make_shared<std::promise<std::vector<std::string>>>();
  engine_->visit_board([told](kernel::capability& of, position, instant now) {
    std::vector<std::string> names;
    const auto shown = board::show(static_cast<const board::board_model&>(of).state(), now);
    if (const auto* queues = shown.find("queues"))
      if (const auto* rows = queues->as<value::map>())
        for (const auto& [name, figures] : *rows)
          names.push_back(name);
    told->set_value(std::move(names));
  });
  for (const auto& name : told->get_future().get()) {
    const auto defined = log_->read_stream("queue/" + name);
    if (!defined || defined->empty())
      continue;
    const auto last = kernel::event_in(defined->back());
    if (const auto* queue = last ? std::get_if<routing::queue_defined>(&*last) : nullptr)
      engine_->set_fallback(name, queue->fallback);
  }
}

serve_engine::done serve_engine::open_pages() {
  gateway::http::http_options options;
  options.address = config_.http;
  // Pages must not take the descriptors that the bus and the log need.
  options.connections_max = static_cast<unsigned>(
      std::clamp<std::uint64_t>(open_files_max_ / 4, 16, options.connections_max));
  options.metrics = [this] { return metrics(); };
  options.readiness = [this](bool verbose, bool& ready) { return readiness(verbose, ready); };
  options.whole_board = [this] { return pages_.whole(); };
  options.now = [this] { return clock_->id_now(); };
  open_people(options);
  auto http = gateway::http::http_server::open(std::move(options), door_);
  if (!http)
    return no(serve_failure{exit_code::work_failed, http.error()});
  http_ = std::move(*http);
  http_->start();
  tail_shows_ = http_.get();
  pages_.lead_to(http_.get());
  return {};
}

serve_engine::done serve_engine::start_watch() {
  watch_limits limits;
  limits.commit_end = std::chrono::seconds{config_.commit_end_s};
  watch_ = std::make_unique<engine_watch>(
      limits, watch_ports{[this] { return look(); }, [this] { return status(); },
                          [](const std::string& sentence) {
                            end_process(exit_code::work_failed, sentence);
                          }});
  watching_ = watch_.get();
  return {};
}

} // namespace careline::program
