#include <fmt/format.h>

#include "messages/json.hpp"
#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "tools/careline/cmd_log_proof.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/event_filter.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/positions.hpp"
#include "tools/careline/shown.hpp"

namespace careline::program {

namespace {

/// What looking at a log is asked for.
struct log_request {
  std::string data;
  position after = 0;
  std::uint64_t limit = 0;  ///< 0: all
  std::vector<std::string> types;
  given_flags budget;       ///< what the disk's figures are counted with
  bool json = false;
};

} // namespace

void add_data_option(CLI::App& sub, std::string& into) {
  into = config{}.data;
  sub.add_option("--data", into, "the data folder")
      ->envname("CARELINE_DATA")
      ->type_name("FOLDER")
      ->capture_default_str();
}

int failed(const store::log_error& why) {
  if (why.at != 0)
    complain(fmt::format("position {}: {}", why.at, why.detail));
  else
    complain(why.detail);
  switch (why.fault) {
    case store::log_fault::damaged: return exit_code::data_damaged;
    case store::log_fault::newer_format: return exit_code::wrong_usage;
    default: return exit_code::work_failed;
  }
}

std::string hex(const store::chain_hash& hash) {
  return store::to_hex(store::bytes_of(hash));
}

namespace {

int read_log(const store::event_log& log, const log_request& asked) {
  store::read_options what;
  what.after = asked.after;
  what.types = asked.types;
  std::uint64_t told = 0;
  const auto head = log.head();
  if (asked.after > head) {
    complain(no_such_position("log read", asked.after, head));
    return exit_code::work_failed;
  }
  while (what.after < head) {
    const auto page = log.read(what);
    if (!page)
      return failed(page.error());
    for (const auto& record : page->events) {
      const auto event = to_value(record);
      if (!event)
        return failed({store::log_fault::damaged, event.error().title, record.at});
      if (!print(to_json(*event) + "\n") || ++told == asked.limit)
        return exit_code::done;
    }
    what.after = page->next;
  }
  return exit_code::done;
}

int stat_log(const store::event_log& log, const log_request& asked) {
  const auto loaded = load_config(sources_of(asked.budget));
  if (!loaded) {
    complain("log: " + loaded.error());
    return exit_code::wrong_usage;
  }
  progress_bar bar{"counting"};
  const auto counted =
      store::count_log(log, [&](position at, position head) { bar.show(at, head); });
  bar.clear();
  if (!counted)
    return failed(counted.error());
  value all{value::map{}};
  all.set("head", value{counted->head});
  all.set("events", value{counted->events});
  all.set("bytes", value{counted->bytes});
  if (counted->events > 0) {
    all.set("first", to_rfc3339(counted->first));
    all.set("last", to_rfc3339(counted->last));
  }
  all.set("epoch", value{counted->epoch});
  all.set("hash", hex(counted->hash));
  value types{value::map{}};
  for (const auto& [type, count] : counted->per_type)
    types.set(type, value{count});
  all.set("types", types);
  const auto disk = disk_figures(asked.data, loaded->values);
  all.set("disk", disk);
  if (asked.json)
    return print(to_json(all) + "\n") ? exit_code::done : exit_code::work_failed;
  std::string out;
  for (const auto& [key, item] : *all.as<value::map>())
    if (!item.is_map())
      out += fmt::format("{:<8}{}\n", key, word(all, key));
  text_table table{{{"type"}, {"events", text_table::side::right}}};
  for (const auto& [type, count] : counted->per_type)
    table.add({type, fmt::format("{}", count)});
  out += "\n" + disk_text(disk);
  return print(out + "\n" + table.text()) ? exit_code::done : exit_code::work_failed;
}

} // namespace

int log_main(int argc, char** argv) {
  auto app = make_app("log", "Looks at a data folder's log or copies it, beside an engine too.",
                      {"careline log read --type contact. --after 100 --limit 10",
                       "careline log stat --data careline-data",
                       "careline log verify --heads heads.jsonl --key PUBLICKEY",
                       "careline log head >> heads.jsonl",
                       "careline log backup /mnt/backup/careline",
                       "careline log restore /mnt/backup/careline --data careline-data",
                       "careline log export --after 100 new.jsonl"});
  app.require_subcommand(1);
  log_request asked;
  const auto add = [&](const char* name, const char* says) {
    auto* sub = app.add_subcommand(name, says);
    add_data_option(*sub, asked.data);
    return sub;
  };
  auto* read = add("read", "print events as JSON lines; personal values stay sealed");
  read->add_option("--after", asked.after, "begin behind this position")
      ->check(whole_number())
      ->type_name("POSITION");
  read->add_option("--limit", asked.limit, "at most so many")
      ->check(whole_number(1))
      ->type_name("N");
  read->add_option("--type", asked.types, "a type, or a prefix that ends in \".\"; may be repeated")
      ->type_name("TYPE");
  auto* stat = add("stat", "count what is in it, and what its disk has left");
  stat->add_flag("--json", asked.json, "as one JSON object");
  add_config_flags(*stat, asked.budget,
                   {"store.disk_mib", "store.disk_warn_percent", "store.disk_alarm_percent"});
  log_proof proof{app};
  log_copies copies;
  copies.add_to(app);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (const auto proven = proof.run())
    return *proven;
  if (const auto did = copies.run())
    return *did;
  if (const auto wrong = ready_event_filter(asked.types)) {
    complain("log: " + *wrong);
    return exit_code::wrong_usage;
  }
  store::open_options options;
  options.place = asked.data;
  options.read_only = true;
  const auto log = store::open_event_log(options);
  if (!log)
    return failed(log.error());
  if (read->parsed())
    return read_log(**log, asked);
  return stat_log(**log, asked);
}

} // namespace careline::program
