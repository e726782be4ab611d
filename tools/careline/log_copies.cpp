#include <fmt/format.h>

#include "messages/json.hpp"
#include "store/backup.hpp"
#include "store/background.hpp"
#include "store/hash.hpp"
#include "store/stopwatch.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/positions.hpp"

// `careline log backup`, `restore`, `export`, `import`, `upgrade`: docs/operations.md.

namespace careline::program {

namespace {

struct backup_words {
  std::string data;
  std::string to;
  std::string keys;  ///< the folder of the keys; empty: in the backup
  bool without_keys = false;
  bool json = false;
};

struct restore_words {
  std::string from;
  std::string data;
  std::string keys;
  bool without_keys = false;
  bool dry_run = false;
  bool json = false;
};

instant wall_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// "3 min 20 s": how long ago, for a person.
std::string ago(span passed) {
  const auto s = std::max<std::int64_t>(0, to_ms(instant{} + passed) / 1000);
  if (s < 120)
    return fmt::format("{} s", s);
  if (s < 7200)
    return fmt::format("{} min", s / 60);
  if (s < 172'800)
    return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
  return fmt::format("{} days", s / 86'400);
}

std::string keys_folder(const std::string& chosen, const std::string& backup, bool without) {
  return without ? std::string{} : chosen.empty() ? backup + "/keys" : chosen;
}

int told(const std::string& text) {
  return print(text) ? exit_code::done : exit_code::work_failed;
}

std::string said_of_keys(const backup_words& asked, const store::backed_up& did) {
  if (did.has_keys)
    return fmt::format("{} keys with their master key: who has them reads what is personal\n",
                       grouped(did.keys));
  return asked.without_keys
             ? "without keys: nothing personal can be read from it\n"
             : fmt::format("{} has no keys\n", asked.data);
}

int back_up(const backup_words& asked) {
  const work_clock clock;
  progress_bar bar{"backing up"};
  store::backup_request what{asked.data, asked.to,
                             keys_folder(asked.keys, asked.to, asked.without_keys), wall_now()};
  store::run_in_background("log-backup");  // whoever is served comes first
  const auto did =
      store::back_up(what, [&](position at, position head) { bar.show(at, head); });
  bar.clear();
  if (!did)
    return failed(did.error());
  if (asked.json) {
    value all{value::map{}};
    all.set("before", value{did->before});
    all.set("head", value{did->head});
    all.set("hash", hex(did->hash));
    all.set("bytes", value{did->bytes});
    all.set("keys", value{std::uint64_t{did->keys}});
    all.set("held_ms", static_cast<double>(did->held_us) / 1000.0);
    all.set("seconds", clock.seconds());
    return told(to_json(all) + "\n");
  }
  const auto events = did->head - did->before;
  return told(fmt::format("{} events ({}) added to the backup in {}, which now has {}, up to {}\n"
                          "{}hash {}\ntook {}; the remembered answers in transactions of at most "
                          "{:.1f} ms\n",
                          grouped(events), megabytes(did->bytes), asked.to, grouped(did->head),
                          to_rfc3339(did->last), said_of_keys(asked, *did), hex(did->hash),
                          clock.rates(did->bytes, events),
                          static_cast<double>(did->held_us) / 1000.0));
}

int restore(const restore_words& asked) {
  const work_clock clock;
  progress_bar bar{asked.dry_run ? "checking" : "restoring"};
  store::restore_request what;
  what.from = asked.from;
  what.to = asked.data;
  what.keys_from = keys_folder(asked.keys, asked.from, asked.without_keys);
  what.only_check = asked.dry_run;
  const auto did =
      store::restore(what, [&](position at, position head) { bar.show(at, head); });
  bar.clear();
  if (!did)
    return failed(did.error());
  const auto age = wall_now() - did->taken;
  if (asked.json) {
    value all{value::map{}};
    all.set("head", value{did->head});
    all.set("hash", hex(did->hash));
    all.set("bytes", value{did->bytes});
    all.set("keys", value{std::uint64_t{did->keys}});
    all.set("taken", to_rfc3339(did->taken));
    all.set("last", to_rfc3339(did->last));
    all.set("rpo_s", static_cast<double>(to_ms(instant{} + age)) / 1000.0);
    all.set("seconds", clock.seconds());
    return told(to_json(all) + "\n");
  }
  return told(fmt::format(
      "{} events ({}), each as it was written, {}{}; {} keys\nhash {}\n"
      "took {}{}\n"
      "the backup is {} old, of {}: what happened since is not in it (the RPO); its last event is "
      "of {}\n",
      grouped(did->head), megabytes(did->bytes),
      asked.dry_run ? "can be restored" : "restored into ",
      asked.dry_run ? "" : asked.data, grouped(did->keys), hex(did->hash),
      clock.rates(did->bytes, did->head),
      asked.dry_run ? "" : "; with the engine's start, which reads the log once, that is the RTO",
      ago(age), to_rfc3339(did->taken), to_rfc3339(did->last)));
}

/// An engine would do it, too, when it starts. A newer layout is refused where the log is opened.
int upgrade(const std::string& data, bool dry_run) {
  auto rows = store::log_rows::open(data);
  if (!rows)
    return failed(rows.error());
  const auto now = (*rows)->state();
  if (!now)
    return failed(now.error());
  if (now->layout == store::newest_layout)
    return told(fmt::format("{} has layout {}, the newest that this program knows: there is "
                            "nothing to do\n", data, now->layout));
  if (!dry_run) {
    rows->reset();
    store::open_options options;
    options.place = data;
    if (const auto opened = store::open_event_log(options); !opened)
      return failed(opened.error());
  }
  return told(fmt::format("{} {} layout {} {} {}: checkpoints, epoch and last positions {} a sum; "
                          "no event changes; an older program {} the folder\n",
                          data, dry_run ? "would go from" : "went from", now->layout, "to",
                          store::newest_layout, dry_run ? "would get" : "have",
                          dry_run ? "would then refuse" : "refuses"));
}

} // namespace

work_clock::work_clock() : began_us_(store::steady_us()) {}

double work_clock::seconds() const {
  return static_cast<double>(store::steady_us() - began_us_) / 1e6;
}

std::string work_clock::rates(std::uint64_t bytes, std::uint64_t events) const {
  const auto s = seconds();
  if (events == 0 || s <= 0)
    return fmt::format("{:.2f} s", s);
  return fmt::format("{:.2f} s, {:.1f} MB/s, {} events/s", s, static_cast<double>(bytes) / s / 1e6,
                     grouped(static_cast<std::uint64_t>(static_cast<double>(events) / s)));
}

std::string grouped(std::uint64_t n) {
  auto digits = fmt::format("{}", n);
  for (auto at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

struct log_copies::asked {
  backup_words backup;
  restore_words restore;
  export_request exporting;
  import_request importing;
  std::string upgrading;
  bool rehearse_upgrade = false;
  CLI::App* words[5] = {};
};

log_copies::log_copies() : asked_(std::make_unique<asked>()) {}
log_copies::~log_copies() = default;

namespace {

/// Where something new is made nothing is taken for granted: no default, no environment.
void add_new_data(CLI::App& sub, std::string& into) {
  sub.add_option("--data", into, "the data folder to make: missing or empty")
      ->type_name("FOLDER")
      ->required();
}

void add_keys(CLI::App& sub, std::string& into, bool& without, const char* says) {
  auto* keys = sub.add_option("--keys", into, says)->type_name("FOLDER");
  sub.add_flag("--without-keys", without, "leave the keys out: nothing personal can be read then")
      ->excludes(keys);
}

CLI::App* add_backup(CLI::App& app, backup_words& into) {
  auto* sub = app.add_subcommand(
      "backup", "copy the log and its keys, also beside a running engine; again: add what is new");
  sub->add_option("TO", into.to, "folder of the backup: missing, empty, or a backup of this log")
      ->type_name("")
      ->required();
  add_data_option(*sub, into.data);
  add_keys(*sub, into.keys, into.without_keys, "put the keys there and not into the backup");
  sub->add_flag("--json", into.json, "as one JSON object");
  return sub;
}

CLI::App* add_restore(CLI::App& app, restore_words& into) {
  auto* sub = app.add_subcommand("restore", "make a data folder out of a backup");
  sub->add_option("FROM", into.from, "folder of the backup")->type_name("")->required();
  auto* data = sub->add_option("--data", into.data, "the data folder to make: missing or empty")
                   ->type_name("FOLDER");
  add_keys(*sub, into.keys, into.without_keys, "where the keys are, if not in the backup");
  sub->add_flag("--dry-run", into.dry_run, "check all of the backup and write nothing")
      ->excludes(data);
  sub->add_flag("--json", into.json, "as one JSON object");
  return sub;
}

CLI::App* add_export(CLI::App& app, export_request& into) {
  auto* sub = app.add_subcommand(
      "export", "write events with their hashes, one a line; what is personal stays sealed");
  sub->add_option("FILE", into.file, "a new file; none: stdout")->type_name("");
  add_data_option(*sub, into.data);
  sub->add_option("--after", into.after, "begin behind this position")
      ->check(whole_number())
      ->type_name("POSITION");
  const std::map<std::string, export_format> forms{{"jsonl", export_format::jsonl},
                                                   {"msgpack", export_format::msgpack}};
  sub->add_option("--format", into.as, "jsonl or msgpack [jsonl]")
      ->transform(CLI::CheckedTransformer(forms).description(""))
      ->type_name("FORM");
  return sub;
}

CLI::App* add_import(CLI::App& app, import_request& into) {
  auto* sub = app.add_subcommand("import", "make a data folder out of a whole export");
  sub->add_option("FILE", into.file, "what export wrote")->type_name("")->required();
  add_new_data(*sub, into.data);
  sub->add_flag("--json", into.json, "as one JSON object");
  return sub;
}

} // namespace

void log_copies::add_to(CLI::App& app) {
  auto& a = *asked_;
  a.words[0] = add_backup(app, a.backup);
  a.words[1] = add_restore(app, a.restore);
  a.words[2] = add_export(app, a.exporting);
  a.words[3] = add_import(app, a.importing);
  auto* up = a.words[4] =
      app.add_subcommand("upgrade", "bring a data folder to the layout of this program");
  add_data_option(*up, a.upgrading);
  up->add_flag("--dry-run", a.rehearse_upgrade, "say what would be done and do nothing");
}

std::optional<int> log_copies::run() const {
  const auto& a = *asked_;
  if (a.words[0]->parsed())
    return back_up(a.backup);
  if (a.words[1]->parsed()) {
    if (!a.restore.data.empty() || a.restore.dry_run)
      return program::restore(a.restore);
    complain("log: say with --data which folder to make, or --dry-run to check the backup only. "
             "\"careline help log\" says how it is used.");
    return exit_code::wrong_usage;
  }
  if (a.words[2]->parsed())
    return export_log(a.exporting);
  if (a.words[3]->parsed())
    return import_log(a.importing);
  if (a.words[4]->parsed())
    return upgrade(a.upgrading, a.rehearse_upgrade);
  return {};
}

} // namespace careline::program
