#include <vector>

#include "store/hash.hpp"
#include "store/row.hpp"
#include "store/signed_head.hpp"
#include "tests/fuzz/promises.hpp"
#include "tools/careline/log_lines.hpp"

// What is read back from a disk: records, rows and their chain, remembered replies, signed heads,
// exported logs. Nothing is believed that was not written.
//
// Input: a word that says what follows the space behind it: "record", "rows", "reply", "head",
// "json" or "msgpack".

namespace {

using namespace careline;
using namespace careline::store;
using fuzz::hold;
using fuzz::take_until;

/// A record that is one is written as it was read, and its parts are found without reading it all.
void record(std::string_view bytes) {
  const auto type = type_in_record(bytes);
  const auto subject = subject_in_record(bytes);
  const auto read = decode_record(bytes);
  if (!read)
    return;
  std::string again;
  encode_record(*read, again);
  hold(again == bytes, "a record is written as it was read");
  hold(type == read->type, "a record's type is found in its bytes");
  hold(type.empty() || subject == read->subject, "a record's subject is found in its bytes");
  hold(previous_in_record(bytes) == read->previous, "a record's predecessor is found in its bytes");
  if (const auto told = read_event_record(std::string_view{to_bus_body(*read)}))
    hold(told->at == read->at && told->type == read->type && told->subject == read->subject,
         "the bus tells what the record says");
}

std::vector<std::string> some_rows() {
  std::vector<std::string> rows;
  chain_hash hash{};
  for (position at = 1; at <= 6; ++at) {
    event_record r;
    r.at = at;
    r.previous = at < 3 ? 0 : at - 2;
    r.time = from_ms(1'772'413'200'000 + static_cast<std::int64_t>(at));
    r.type = at % 2 == 0 ? "contact.opened" : "contact.queued";
    r.subject = "contact/C-" + std::to_string(at);
    r.data = std::string(at, '\x80');
    std::string bytes;
    encode_record(r, bytes);
    hash = next_hash(hash, bytes);
    rows.push_back(bytes.append(bytes_of(hash)));
  }
  return rows;
}

/// Edits of four bytes: what, which row, where, a byte.
void edit(std::vector<std::string>& rows, std::string_view edits) {
  for (; edits.size() >= 4 && !rows.empty(); edits.remove_prefix(4)) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(edits[i]); };
    const auto which = byte(1) % rows.size();
    auto& row = rows[which];
    const auto where = row.empty() ? 0 : byte(2) % row.size();
    switch (byte(0) % 6) {
      case 0: row.resize(row.size() > byte(3) ? row.size() - byte(3) : 0); break;
      case 1: row.insert(where, 1, edits[3]); break;
      case 2: rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(which)); break;
      case 3: std::swap(row, rows[byte(3) % rows.size()]); break;
      case 4: rows.insert(rows.begin(), std::string{row}); break;
      default:
        if (!row.empty())
          row[where] = edits[3];
    }
  }
}

/// A walk ends before the first row that is not what was written there, whatever it became.
void rows(std::string_view edits) {
  static const auto written = some_rows();
  auto found = written;
  edit(found, edits);
  std::size_t right = 0;
  while (right < found.size() && right < written.size() && found[right] == written[right])
    ++right;
  read_options what;
  what.types = {"contact.opened"};
  page_filler filler{what};
  chain_walk chain{0, chain_hash{}};
  std::size_t walked = 0;
  while (walked < found.size() && chain.step(found[walked])) {
    ++walked;
    if (filler.take(chain.at(), chain.record()) != page_filler::took::yes)
      break;
    record(chain.record());
  }
  const auto page = filler.finish();
  hold(walked == std::min<std::size_t>(right, 6), "the chain goes as far as nothing was changed");
  hold(chain.at() == walked, "a step is one position");
  hold(page.events.size() == walked / 2 && page.next == walked,
       "a page has what passes its filter");
}

/// A reply that is believed has a sum, or was written before there was one.
void reply_row(std::string_view bytes) {
  constexpr std::string_view key = "\x01\x90\xb8\xa0 the key of a reply";
  std::string with_sum{bytes};
  if (!with_sum.empty() && with_sum[0] == 4)
    with_sum += bytes_of(blake128(std::string{key} + with_sum)).substr(0, 8);
  if (const auto read = decode_remembered(key, with_sum)) {
    const auto again = encode_remembered(key, *read);
    hold(with_sum[0] != 4 || again == with_sum, "a reply is written as it was read");
    hold(decode_remembered(key, again).has_value(), "a reply is read as it was written");
    hold(!decode_remembered("another key", again), "a reply is believed under its own key only");
    auto changed = again;
    changed.back() ^= 1;
    hold(!decode_remembered(key, changed), "a reply is believed with its own sum only");
  }
}

void signed_line(std::string_view line) {
  const auto read = parse_head(line);
  if (read)
    hold(to_line(*read) == line, "a signed head is written as it was read");
  else
    fuzz::hold_sentence(read.error());
}

void exported_item(program::export_format as, std::string_view item) {
  const auto read = program::read_exported(as, item);
  if (!read)
    return fuzz::hold_sentence(read.error().detail);
  const auto again = [&](const program::exported& x) {
    return std::visit([&](const auto& one) { return program::export_item(as, one); }, x);
  };
  auto text = again(*read);
  if (as == program::export_format::jsonl)
    text.pop_back();
  const auto once_more = program::read_exported(as, text);
  hold(once_more.has_value(), "what was exported is imported");
  hold(once_more->index() == read->index() && again(*once_more).starts_with(text),
       "what is imported is what was exported");
  if (const auto* event = std::get_if<program::exported_event>(&*read)) {
    const auto& same = std::get<program::exported_event>(*once_more);
    hold(same.record == event->record && same.hash == event->hash, "an event is imported whole");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto what = take_until(rest, " ");
  if (what == "record")
    record(rest);
  else if (what == "rows")
    rows(rest);
  else if (what == "reply")
    reply_row(rest);
  else if (what == "head")
    signed_line(rest);
  else if (what == "json")
    exported_item(program::export_format::jsonl, rest);
  else if (what == "msgpack")
    exported_item(program::export_format::msgpack, rest);
  return 0;
}
