#include "gateway/http/page_stream.hpp"

#include <vector>

namespace careline::gateway::http {

namespace {

std::vector<std::shared_ptr<page_stream>> all_pages(core& in) {
  std::vector<std::shared_ptr<page_stream>> all;
  for (auto& one : all_streams(in))
    if (auto page = std::dynamic_pointer_cast<page_stream>(one))
      all.push_back(std::move(page));
  return all;
}

} // namespace

std::string sse_text(std::string_view event, position at, std::string_view data) {
  std::string out;
  out.reserve(data.size() + 64);
  out += "id: " + std::to_string(at) + "\nevent: ";
  out += event;
  out += "\ndata: ";
  // A line break inside JSON text is only white space; inside an event it would end the data.
  for (const char c : data)
    out += c == '\n' || c == '\r' ? ' ' : c;
  out += "\n\n";
  return out;
}

chunk whole_chunk(core& in) {
  if (!in.whole) {
    const auto frame = in.options.whole_board();
    if (frame.json.empty())
      return nullptr;
    in.whole = std::make_shared<const std::string>(sse_text("snapshot", frame.at, frame.json));
    in.whole_at = frame.at;
  }
  return in.whole;
}

void fan_out(core& in, const board_frame& frame) {
  in.beats_since_frame = 0;
  in.whole.reset();
  if (in.frames_lost.exchange(false) || frame.whole) {
    for (const auto& page : all_pages(in))
      page->push_whole();
    return;
  }
  const auto text = std::make_shared<const std::string>(sse_text("delta", frame.at, frame.json));
  for (const auto& page : all_pages(in))
    page->push(text, frame.at);
}

void beat(core& in) {
  for (const auto& stream : all_streams(in))
    stream->check_listener();
  const bool is_quiet = in.beats_since_frame++ > 0;
  const auto quiet = in.options.beat * static_cast<int>(in.beats_since_frame);
  const auto text = std::make_shared<const std::string>(
      "event: beat\ndata: {\"quiet_ms\":" + std::to_string(quiet.count()) + "}\n\n");
  for (const auto& stream : all_streams(in))
    // A frame is sign enough for those who were sent one.
    if (is_quiet || !std::dynamic_pointer_cast<page_stream>(stream))
      stream->push_beat(text);
}

page_stream::page_stream(core& in, connection_stream stream, connection_slot slot,
                         credential shown)
    : event_stream(in, std::move(stream), std::move(slot), std::move(shown)) {
  ++in_.pages_open;
}

page_stream::~page_stream() {
  --in_.pages_open;
}

void page_stream::start(unsigned version) {
  begin(version);
  if (auto whole = whole_chunk(in_)) {
    add(std::move(whole));
    shown_at_ = in_.whole_at;
  }
}

void page_stream::push(const chunk& text, position at) {
  // What is older than the snapshot given is in it already.
  if (has_ended() || behind_ || at < shown_at_)
    return;
  if (waiting_bytes() + text->size() > in_.options.page_backlog_bytes_max) {
    push_whole();
    ++in_.fallbacks;
    return;
  }
  add(text);
}

void page_stream::push_whole() {
  if (has_ended())
    return;
  drop_waiting();
  behind_ = true;
  write_next();
}

void page_stream::push_beat(const chunk& text) {
  if (!behind_)
    event_stream::push_beat(text);
}

chunk page_stream::take() {
  if (!behind_)
    return event_stream::take();
  // Only now, when the page has taken what it was sent, so that the snapshot is the newest.
  behind_ = false;
  auto whole = whole_chunk(in_);
  if (whole)
    shown_at_ = in_.whole_at;
  return whole;  // null: the first frame will be a whole one
}

} // namespace careline::gateway::http
