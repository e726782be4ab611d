#include "store/log_builder.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>

#include "store/folder_lock.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "store/lmdb/meta_rows.hpp"
#include "store/lmdb/lmdb_log.hpp"
#include "store/row.hpp"
#include "store/sync_path.hpp"

namespace careline::store {

namespace {

namespace fs = std::filesystem;
using lmdb::number_bytes;
using lmdb::writing;

/// A transaction far below LMDB's list of dirty pages.
constexpr std::size_t transaction_bytes = 8U << 20U;
constexpr std::uint64_t map_bytes_min = 64ULL << 30U;

/// Carries a reason out of a beginning.
struct refusal {
  log_error why;
};

[[noreturn]] void refuse(const std::string& sentence) {
  throw refusal{{log_fault::io, sentence}};
}

void must(const std::error_code& wrong, const std::string& doing) {
  if (wrong)
    refuse(doing + ": " + wrong.message());
}

/// A folder of an unfinished restore holds nothing but what that has made.
void refuse_filled(const std::string& folder) {
  std::error_code wrong;
  const bool begun = fs::exists(folder + "/" + std::string{unfinished_name}, wrong);
  std::string found;
  for (const auto& entry : fs::directory_iterator{folder, wrong}) {
    const auto name = entry.path().filename().string();
    const bool left = name == unfinished_name || (begun && (name == "log" || name == "keys"));
    if (name == "lock" || name == "lost+found" || left)
      continue;
    if (name == "log")
      refuse(folder + " holds a log already: name an empty or missing folder");
    found = name;
  }
  must(wrong, "cannot look into " + folder);
  if (!found.empty())
    refuse(folder + " is not empty, it holds " + found + ": name an empty or missing folder");
}

} // namespace

struct log_builder::impl {
  explicit impl(const std::string& folder);
  ~impl();

  std::string unfinished() const { return place + "/" + std::string{unfinished_name}; }
  void take_folder();
  void open_tables(std::uint64_t bytes_expected);
  void write(const std::function<void(writing&)>& work);
  void write_commands(std::string_view commands);
  void write_rest(const log_state& with);
  void move_in();

  std::string place;
  bool made_folder = false;
  bool made_lock = false;
  bool finished = false;
  std::optional<folder_lock> lock;
  std::unique_ptr<lmdb::env> file;
  lmdb::table log = 0;
  lmdb::table commands = 0;
  lmdb::table meta = 0;
  std::unique_ptr<writing> open_writing;
  std::size_t waiting_bytes = 0;
  chain_walk chain{0, chain_hash{}};
  std::map<std::string, position, std::less<>> last_of_types;
};

log_builder::impl::impl(const std::string& folder) : place(folder) {
  std::error_code wrong;
  const auto whole = fs::weakly_canonical(place, wrong).string();
  if (!wrong)
    place = whole;
}

void log_builder::impl::take_folder() {
  std::error_code wrong;
  if (fs::exists(place, wrong)) {
    if (!fs::is_directory(place, wrong))
      refuse(place + " is no folder");
    refuse_filled(place);
  }
  made_folder = fs::create_directories(place, wrong);
  must(wrong, "cannot make the folder " + place);
  made_lock = !fs::exists(place + "/lock", wrong);
  auto taken = folder_lock::take(place);
  if (!taken)
    throw refusal{{taken.error().held_by_other ? log_fault::locked : log_fault::io,
                   taken.error().detail}};
  lock = std::move(*taken);
  if (fs::exists(unfinished(), wrong))
    for (const auto* left : {"/log", "/keys"})
      fs::remove_all(place + left, wrong);
  fs::remove_all(unfinished(), wrong);
  fs::create_directories(unfinished() + "/log", wrong);
  must(wrong, "cannot make the folder " + unfinished());
}

void log_builder::impl::open_tables(std::uint64_t bytes_expected) {
  file = std::make_unique<lmdb::env>(
      lmdb::env_options{unfinished() + "/log", std::max(map_bytes_min, 2 * bytes_expected)});
  const auto opened = file->open_tables(lmdb::log_tables);
  log = opened[0];
  commands = opened[1];
  meta = opened[2];
}

log_builder::impl::~impl() {
  open_writing.reset();
  file.reset();
  if (finished || !lock)
    return;
  std::error_code ignored;
  for (const auto* made : {"/log", "/keys"})
    fs::remove_all(place + made, ignored);
  fs::remove_all(unfinished(), ignored);
  if (made_lock)
    fs::remove(place + "/lock", ignored);
  if (made_folder)
    fs::remove(place, ignored);
}

void log_builder::impl::write(const std::function<void(writing&)>& work) {
  if (!open_writing)
    open_writing = std::make_unique<writing>(*file);
  work(*open_writing);
  if (waiting_bytes < transaction_bytes)
    return;
  waiting_bytes = 0;
  const auto full = std::move(open_writing);
  full->commit();
}

void log_builder::impl::write_commands(std::string_view left) {
  while (const auto one = take_command(left))
    write([&](writing& w) {
      w.put(commands, one->key, one->row);
      waiting_bytes += one->key.size() + one->row.size();
    });
}

void log_builder::impl::write_rest(const log_state& with) {
  write([&](writing& w) {
    lmdb::meta_change rows{w, meta};
    for (const auto& [type, at] : last_of_types)
      rows.put("previous/" + type, number_bytes{at});
    for (const auto& c : with.checkpoints)
      rows.put("checkpoint/" + c.listener, number_bytes{c.at});
    rows.put("layout", lmdb::layout_bytes());
    rows.put("epoch", number_bytes{with.epoch});
    rows.finish();
  });
  if (open_writing)
    open_writing->commit();
  open_writing.reset();
  file.reset();
}

/// The last step, the removal of `unfinished`, is what makes it a data folder.
void log_builder::impl::move_in() {
  std::error_code wrong;
  if (fs::exists(unfinished() + "/keys", wrong)) {
    fs::rename(unfinished() + "/keys", place + "/keys", wrong);
    must(wrong, "cannot put the keys into " + place);
  }
  fs::rename(unfinished() + "/log", place + "/log", wrong);
  must(wrong, "cannot put the log into " + place);
  if (const int code = sync_path(place))
    throw lmdb::failure(code, "syncing " + place);
  fs::remove_all(unfinished(), wrong);
  must(wrong, "cannot remove " + unfinished());
  if (const int code = sync_path(place))
    throw lmdb::failure(code, "syncing " + place);
  sync_path(fs::path{place}.parent_path().string());
}

log_builder::log_builder(std::unique_ptr<impl> of) : impl_(std::move(of)) {}
log_builder::~log_builder() = default;

result<std::unique_ptr<log_builder>, log_error>
log_builder::begin(const std::string& data_folder, std::uint64_t bytes_expected) {
  try {
    auto of = std::make_unique<impl>(data_folder);
    of->take_folder();
    of->open_tables(bytes_expected);
    return std::unique_ptr<log_builder>{new log_builder{std::move(of)}};
  } catch (const refusal& r) {
    return no(r.why);
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
}

result<void, log_error> log_builder::add(std::string_view row) {
  const auto at = head() + 1;
  const auto wrong = [&](const char* what) {
    return no(log_error{log_fault::damaged, "record " + std::to_string(at) + what, at});
  };
  if (!impl_->chain.step(row))
    return wrong(" is not what was written");
  const auto record = impl_->chain.record();
  const auto type = type_in_record(record);
  if (type.empty())
    return no(log_error{log_fault::newer_format,
                        "record " + std::to_string(at) + " is of a newer format", at});
  auto last = impl_->last_of_types.find(type);
  if (last == impl_->last_of_types.end())
    last = impl_->last_of_types.emplace(std::string{type}, 0).first;
  if (previous_in_record(record) != last->second)
    return wrong(" names another event before it of its type than there is");
  last->second = at;
  try {
    impl_->write([&](writing& w) {
      w.append(impl_->log, number_bytes{at}, row);
      impl_->waiting_bytes += row.size();
    });
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
  return {};
}

position log_builder::head() const {
  return impl_->chain.at();
}

const chain_hash& log_builder::hash() const {
  return impl_->chain.hash();
}

std::string log_builder::keys_folder() const {
  return impl_->unfinished() + "/keys";
}

result<void, log_error> log_builder::finish(const log_state& with) {
  if (with.head != head() || with.hash != hash())
    return no(log_error{log_fault::damaged, "the events do not lead to the head that is named",
                        head()});
  try {
    impl_->write_commands(with.commands);
    impl_->write_rest(with);
    impl_->move_in();
  } catch (const refusal& r) {
    return no(r.why);
  } catch (const lmdb::failure& f) {
    return no(lmdb::error_from(f));
  }
  open_options options;
  options.place = impl_->place;
  options.read_only = true;
  auto made = open_event_log(options);
  if (!made)
    return no(made.error());
  impl_->finished = (*made)->head() == head() && (*made)->head_hash() == hash();
  if (!impl_->finished)
    return no(log_error{log_fault::io, "what was written cannot be read again"});
  return {};
}

} // namespace careline::store
