#include "gateway/http/desk_stream.hpp"

#include "messages/json.hpp"

namespace careline::gateway::http {

namespace {

constexpr std::chrono::milliseconds told_each{200};
/// More than so many at once are told as "*": something about anybody.
constexpr std::size_t subjects_max = 256;
/// A desk further behind is told "*" once it reads again.
constexpr std::size_t backlog_bytes_max = 64 * 1024;

} // namespace

desk_stream::desk_stream(core& in, connection_stream stream, connection_slot slot,
                         credential shown)
    : event_stream(in, std::move(stream), std::move(slot), std::move(shown)), soon_(in.loop) {
  ++in_.desks_open;
}

desk_stream::~desk_stream() {
  --in_.desks_open;
}

void desk_stream::start(unsigned version) {
  begin(version);
  check_listener();
}

void desk_stream::note(const std::vector<seen_event>& what) {
  if (has_ended() || !listener())
    return;
  for (const auto& one : what) {
    if (!in_.options.people->may_see(*listener(), one.type))
      continue;
    at_ = one.at;
    if (subjects_.size() < subjects_max)
      subjects_.insert(one.subject);
    else
      subjects_ = {"*"};
  }
  if (!subjects_.empty() && !std::exchange(told_soon_, true))
    tell_soon();
}

void desk_stream::tell_soon() {
  soon_.expires_after(told_each);
  soon_.async_wait([me = weak_from_this()](const boost::system::error_code& ended) {
    const auto self = std::static_pointer_cast<desk_stream>(me.lock());
    if (self && !ended)
      self->tell();
  });
}

void desk_stream::tell() {
  if (has_ended())
    return;
  if (waiting_bytes() > backlog_bytes_max) {
    subjects_ = {"*"};
    return tell_soon();
  }
  told_soon_ = false;
  value::list subjects;
  if (subjects_.contains("*"))
    subjects_ = {"*"};
  for (const auto& one : subjects_)
    subjects.emplace_back(one);
  subjects_.clear();
  const auto data = to_json(
      value{value::map{{"position", value{at_}}, {"subjects", value{std::move(subjects)}}}});
  add(std::make_shared<const std::string>(sse_text("changed", at_, data)));
}

void tell_desks(core& in, const std::vector<seen_event>& what) {
  for (const auto& one : all_streams(in))
    if (auto desk = std::dynamic_pointer_cast<desk_stream>(one))
      desk->note(what);
}

} // namespace careline::gateway::http
