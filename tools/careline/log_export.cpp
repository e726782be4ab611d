#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "messages/json.hpp"
#include "messages/packing.hpp"
#include "store/hash.hpp"
#include "store/log_builder.hpp"
#include "store/row.hpp"
#include "store/whole_file.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/subcommands.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

constexpr std::size_t block_bytes = 64U << 10U;
/// Far above any event: what goes on for longer is none.
constexpr std::size_t item_bytes_max = 64U << 20U;

store::log_error io(std::string sentence) {
  return {store::log_fault::io, std::move(sentence)};
}

// --- export ------------------------------------------------------------------------------------

/// Where the items go: a file that has its name only when it is whole, or stdout.
class outlet {
public:
  explicit outlet(const std::string& file) {
    if (!file.empty())
      file_.emplace(file);
  }
  bool write(std::string_view item) {
    bytes_ += item.size();
    if (file_)
      return file_->write(item);
    waiting_ += item;
    return waiting_.size() < block_bytes || flush();
  }
  /// Fails with a sentence.
  result<void, std::string> finish() {
    if (file_)
      return file_->finish();
    if (!flush() || broken_)
      return no(std::string{"the export is not whole: stdout cannot be written any more"});
    return {};
  }
  std::uint64_t bytes() const noexcept { return bytes_; }

private:
  bool flush() {
    broken_ = broken_ || !print(waiting_);
    waiting_.clear();
    return !broken_;
  }

  std::optional<store::whole_file> file_;
  std::string waiting_;
  std::uint64_t bytes_ = 0;
  bool broken_ = false;
};

struct exported_log {
  store::log_state state;
  std::uint64_t events = 0;
};

result<exported_log, store::log_error> write_items(const export_request& asked, outlet& out) {
  const auto rows = store::log_rows::open(asked.data);
  if (!rows)
    return no(rows.error());
  auto state = (*rows)->state();
  if (!state)
    return no(state.error());
  if (asked.after > state->head)
    return no(io(fmt::format("the log ends at event {}: there is nothing after {}", state->head,
                             asked.after)));
  const auto hash = (*rows)->hash_at(asked.after);
  if (!hash)
    return no(hash.error());
  exported_log done{std::move(*state), 0};
  done.state.commands.clear();
  out.write(export_item(asked.as, exported_head{asked.after, *hash}));
  std::optional<store::log_error> unreadable;
  progress_bar bar{"exporting"};
  const auto walked = (*rows)->walk(
      asked.after, *hash, done.state.head,
      [&](std::string_view bytes) {
        const auto row = store::split_row(bytes);
        auto record = decode_record(row->record);
        if (!record) {
          unreadable = {store::log_fault::newer_format, "this record is of a newer format",
                        asked.after + done.events + 1};
          return false;
        }
        ++done.events;
        return out.write(export_item(asked.as, exported_event{std::move(*record), row->hash}));
      },
      [&](position at, position head) { bar.show(at, head); });
  if (!walked)
    return no(walked.error());
  if (unreadable)
    return no(*unreadable);
  out.write(export_item(asked.as, exported_end{done.state, done.events}));
  return done;
}

// --- import ------------------------------------------------------------------------------------

/// The items of a file one after the other, whichever form it has.
class item_reader {
public:
  explicit item_reader(const std::string& path) : path_(path), in_(path, std::ios::binary) {
    // No text begins with a byte that MessagePack's maps begin with.
    const auto first = in_.peek();
    if (first != std::ifstream::traits_type::eof() && first >= 0x80)
      as_ = export_format::msgpack;
  }
  bool is_open() const { return in_.is_open() && !in_.bad(); }
  export_format form() const noexcept { return as_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

  /// Nothing at the end of the file.
  std::optional<std::string_view> next() {
    ++number_;
    bytes_ += item_.size() + (as_ == export_format::jsonl && number_ > 1 ? 1 : 0);
    return as_ == export_format::jsonl ? next_line() : next_map();
  }
  /// The item just read: "FILE: line 7", "FILE: byte 1200".
  std::string place() const {
    return as_ == export_format::jsonl ? fmt::format("{}: line {}", path_, number_)
                                       : fmt::format("{}: byte {}", path_, bytes_);
  }
  /// It is the last of the file, and has no end of its own.
  bool is_cut() const noexcept { return cut_; }

private:
  std::optional<std::string_view> next_line() {
    if (!std::getline(in_, line_))
      return std::nullopt;
    cut_ = in_.eof();
    item_ = line_;
    return item_;
  }
  std::optional<std::string_view> next_map() {
    for (;;) {
      auto left = std::string_view{line_}.substr(from_);
      if (const auto item = left.empty() ? std::nullopt : take_packed(left)) {
        item_ = *item;
        from_ += item->size();
        return item_;
      }
      if (line_.size() - from_ > item_bytes_max || !fill())
        break;
    }
    item_ = std::string_view{line_}.substr(from_);
    from_ = line_.size();
    cut_ = !item_.empty();
    return cut_ ? std::optional{item_} : std::nullopt;
  }
  bool fill() {
    line_.erase(0, from_);
    from_ = 0;
    const auto had = line_.size();
    line_.resize(had + std::max(block_bytes, had));
    in_.read(line_.data() + had, static_cast<std::streamsize>(line_.size() - had));
    line_.resize(had + static_cast<std::size_t>(in_.gcount()));
    return line_.size() > had;
  }

  std::string path_;
  std::ifstream in_;
  export_format as_ = export_format::jsonl;
  std::string line_;
  std::string_view item_;
  std::size_t from_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  bool cut_ = false;
};

/// Takes the items of a file in their order into a log.
class importer {
public:
  importer(const import_request& asked, item_reader& from) : asked_(asked), from_(from) {}

  result<store::log_state, store::log_error> run() {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(asked_.file, unknown);
    size_ = unknown ? 0 : size;
    auto begun = store::log_builder::begin(asked_.data, size_);
    if (!begun)
      return no(begun.error());
    builder_ = std::move(*begun);
    while (const auto item = from_.next()) {
      const auto read = read_exported(from_.form(), *item);
      if (!read)
        return no(wrong(read.error()));
      if (auto took = std::visit([this](const auto& one) { return take(one); }, *read); !took)
        return no(took.error());
    }
    if (!has_head_)
      return no(wrong("is missing: the file is empty"));
    if (!end_)
      return no(wrong(fmt::format("is missing: the file ends after event {} without saying that it "
                                  "is whole; it was cut", builder_->head())));
    if (auto made = builder_->finish(end_->log); !made)
      return no(made.error());
    return end_->log;
  }

private:
  using done = result<void, store::log_error>;

  store::log_error wrong(const std::string& what) const {
    return {store::log_fault::damaged, from_.place() + " " + what};
  }
  store::log_error wrong(const store::log_error& why) const {
    if (from_.is_cut())
      return wrong("is not whole: the file was cut or changed here");
    return {why.fault, from_.place() + " " + why.detail};
  }
  done take(const exported_head& head) {
    if (has_head_)
      return no(wrong("begins another log"));
    has_head_ = true;
    if (head.after != 0 || head.hash != store::chain_hash{})
      return no(io(fmt::format("{} begins after event {}: only an export from the first event on "
                               "makes a log", asked_.file, head.after)));
    return {};
  }
  done take(const exported_event& event) {
    if (auto order = in_order(); !order)
      return order;
    row_.clear();
    encode_record(event.record, row_);
    row_ += store::bytes_of(event.hash);
    progress_.show(from_.bytes(), std::max(size_, from_.bytes()));
    if (auto added = builder_->add(row_); !added) {
      auto why = added.error();
      if (why.fault == store::log_fault::damaged)
        return no(wrong(fmt::format("does not follow the events before it ({})", why.detail)));
      return no(why);
    }
    return {};
  }
  done take(const exported_end& end) {
    if (auto order = in_order(); !order)
      return order;
    if (end.events != builder_->head() || end.log.head != builder_->head()
        || end.log.hash != builder_->hash())
      return no(wrong(fmt::format("says that the log ends at event {}, but {} are here",
                                  end.log.head, builder_->head())));
    end_ = end;
    return {};
  }
  done in_order() const {
    if (!has_head_)
      return no(wrong("is no export's first line: it is no export, or was cut at its front"));
    if (end_)
      return no(wrong("comes after the end of the log"));
    return {};
  }

  const import_request& asked_;
  item_reader& from_;
  std::unique_ptr<store::log_builder> builder_;
  progress_bar progress_{"importing"};
  std::uint64_t size_ = 0;
  std::string row_;
  bool has_head_ = false;
  std::optional<exported_end> end_;
};

} // namespace

int export_log(const export_request& asked) {
  if (std::error_code unknown; !asked.file.empty() && std::filesystem::exists(asked.file, unknown))
    return failed(io(asked.file + " exists already: remove it, or name another file"));
  const work_clock clock;
  outlet out{asked.file};
  const auto done = write_items(asked, out);
  if (!done)
    return failed(done.error());
  if (auto written = out.finish(); !written)
    return failed(io(written.error()));
  if (asked.file.empty())
    return exit_code::done;
  return print(fmt::format("{} events ({}) written to {}, up to event {}; hash {}\n"
                           "took {}\n",
                           grouped(done->events), megabytes(out.bytes()), asked.file,
                           done->state.head, hex(done->state.hash),
                           clock.rates(out.bytes(), done->events)))
             ? exit_code::done
             : exit_code::work_failed;
}

int import_log(const import_request& asked) {
  const work_clock clock;
  item_reader from{asked.file};
  if (!from.is_open())
    return failed(io("cannot read " + asked.file));
  const auto made = importer{asked, from}.run();
  if (!made)
    return failed(made.error());
  complain("the answers to commands are not in an export: one that is sent again is decided anew; "
           "nor are keys: copy them, or what is personal stays sealed");
  if (asked.json) {
    value all{value::map{}};
    all.set("head", value{made->head});
    all.set("hash", hex(made->hash));
    all.set("seconds", clock.seconds());
    return print(to_json(all) + "\n") ? exit_code::done : exit_code::work_failed;
  }
  return print(fmt::format("{} events imported into {}; hash {}\ntook {}\n", grouped(made->head),
                           asked.data, hex(made->hash), clock.rates(from.bytes(), made->head)))
             ? exit_code::done
             : exit_code::work_failed;
}

} // namespace careline::program
