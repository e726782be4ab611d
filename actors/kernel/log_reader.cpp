#include "actors/kernel/log_reader.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "messages/codec.hpp"

namespace careline::kernel {

namespace {

constexpr int page_events_max = 1000;
constexpr std::size_t event_bytes_max = std::size_t{1} << 20U;

problem unreadable(const store::log_error& why) {
  return because("log.bad_position", {}, why.detail);
}

/// What routing decided, out of the offers among a contact's events.
value decisions_in(const std::vector<event_record>& events) {
  value::list out;
  for (const auto& r : events) {
    if (r.type != routing::offer_made::type)
      continue;
    const auto data = unpack(r.data, event_bytes_max);
    if (!data)
      continue;
    value row{value::map{}};
    row.add("position", r.at);
    row.add("time", to_rfc3339(r.time));
    for (const auto* key : {"agent", "queue", "number", "decision"})
      if (const auto* item = data->find(key))
        row.add(key, *item);
    out.push_back(std::move(row));
  }
  return out;
}

value maps_of(const std::vector<event_record>& events) {
  value::list out;
  out.reserve(events.size());
  for (const auto& r : events)
    if (auto v = to_value(r))
      out.push_back(std::move(*v));
  return out;
}

const contact_id* contact_asked(const command& query) noexcept {
  if (const auto* x = std::get_if<query::contact_show>(&query))
    return &x->contact;
  if (const auto* x = std::get_if<query::why_contact>(&query))
    return &x->contact;
  return nullptr;
}

} // namespace

struct log_reader::impl {
  explicit impl(const store::event_log& l) : log(l) {}

  void run() {
    for (;;) {
      std::function<void(const store::event_log&)> next;
      {
        std::unique_lock hold{mutex};
        wake.wait(hold, [&] { return stopping || !waiting.empty(); });
        if (waiting.empty())
          return;
        next = std::move(waiting.front());
        waiting.pop_front();
      }
      next(log);
    }
  }

  const store::event_log& log;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void(const store::event_log&)>> waiting;
  bool stopping = false;
  std::thread thread;
};

log_reader::log_reader(const store::event_log& log) : impl_(std::make_unique<impl>(log)) {
  impl_->thread = std::thread{[this] { impl_->run(); }};
}

log_reader::~log_reader() {
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

bool log_reader::post(std::function<void(const store::event_log&)> work) {
  {
    const std::lock_guard hold{impl_->mutex};
    if (impl_->stopping || impl_->waiting.size() >= waiting_max)
      return false;
    impl_->waiting.push_back(std::move(work));
  }
  impl_->wake.notify_one();
  return true;
}

answer<value> read_page(const store::event_log& log, const query::log_read& what) {
  const auto head = log.head();
  if (what.after > head)
    return no(because("log.bad_position", "after", "the head is " + std::to_string(head)));
  store::read_options options;
  options.after = what.after;
  options.limit = static_cast<std::size_t>(std::clamp(what.limit, 1, page_events_max));
  options.types = what.types;
  auto page = log.read(options);
  if (!page)
    return no(unreadable(page.error()));
  value out{value::map{}};
  out.add("events", maps_of(page->events));
  out.add("next", page->next);
  out.add("head", std::max(head, page->next));
  return out;
}

bool needs_log(const command& query) noexcept {
  return contact_asked(query) != nullptr;
}

answer<value> complete(const store::event_log& log, const command& query, answer<value> told) {
  const auto* contact = contact_asked(query);
  if (!contact || (!told && told.error().type != "routing.unknown_contact"))
    return told;
  const auto events = log.read_stream("contact/" + contact->text());
  if (!events)
    return no(unreadable(events.error()));
  if (events->empty())
    return told;
  value out = told && told->is_map() ? std::move(*told) : value{value::map{}};
  if (!out.find("contact"))
    out.set("contact", contact->text());
  if (std::holds_alternative<query::contact_show>(query))
    out.set("timeline", maps_of(*events));
  else
    out.set("decisions", decisions_in(*events));
  return out;
}

} // namespace careline::kernel
