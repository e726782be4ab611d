#include "actors/kernel/log_reader.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "messages/codec.hpp"
#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

constexpr int page_events_max = 1000;
/// Of a reply, so that it fits into one frame of the bus with all that goes around it.
constexpr std::size_t page_bytes_max = 960 * 1024;
constexpr std::size_t event_bytes_max = std::size_t{1} << 20U;

/// Not the asker's mistake, and nothing that it may draw a conclusion from: it asks again.
problem unreadable(const store::log_error& why) {
  return because("log.unreadable", {}, why.detail);
}

/// What routing decided, out of the offers among a contact's events.
value decisions_in(const std::vector<event_record>& events) {
  value::list out;
  for (const auto& r : events) {
    if (r.type != routing::offer_made::type)
      continue;
    const auto data = unpack_said(r.data, event_bytes_max);
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

/// Events as a reply shows them: from the first on, as many as fit.
struct shown_events {
  value::list rows;
  position last = 0;  ///< of those that fitted
  bool all = true;
};

template <class Events>
shown_events shown(const Events& events) {
  shown_events out;
  std::size_t bytes = 0;
  for (const event_record& r : events) {
    auto v = to_value(r);
    if (!v)
      continue;
    bytes += pack(*v).size();
    if (bytes > page_bytes_max && !out.rows.empty()) {
      out.all = false;
      break;
    }
    out.rows.push_back(std::move(*v));
    out.last = r.at;
  }
  return out;
}

/// A contact's whole timeline; of an endless one the newest part, and how much is left out.
void add_timeline(const std::vector<event_record>& events, value& out) {
  const std::vector<event_record> newest_first{events.rbegin(), events.rend()};
  auto fitting = shown(newest_first);
  std::reverse(fitting.rows.begin(), fitting.rows.end());
  if (planted(bug::timeline_lacks_newest) && fitting.rows.size() > 1)
    fitting.rows.pop_back();
  if (!fitting.all)
    out.set("timeline_left_out", static_cast<std::uint64_t>(events.size() - fitting.rows.size()));
  out.set("timeline", std::move(fitting.rows));
}

/// Of a party's own events: how many steps are not there, and after which (R2.3.5). `last`: the
/// step at which the model stands.
void add_gaps(const std::string& party, const std::vector<event_record>& events, int last,
              value::list& into) {
  int step = 0;
  const auto missing = [&](int next) {
    into.push_back(value::map{{"party", party}, {"after", step}, {"missing", next - step - 1}});
  };
  for (const auto& r : events) {
    const auto data = unpack_said(r.data, event_bytes_max);
    const auto next = data ? static_cast<int>(data->int_or("step", 0)) : 0;
    if (next == 0)
      continue;
    if (next != step + 1)
      missing(next);
    step = next;
  }
  if (step < last)
    missing(last + 1);
}

/// The contacts that are a party's by its own events.
void add_contacts(const std::vector<event_record>& events, std::set<std::string>& into) {
  for (const auto& r : events) {
    if (r.type == registration::customer_unlinked::type)
      into.erase(r.correlation);
    if (r.type == registration::customer_linked::type)
      into.insert(r.correlation);
  }
}

/// The events of a party, of whatever is another name of it, and of its contacts, in order.
answer<value> customer_timeline(const store::event_log& log, value told) {
  std::vector<event_record> all;
  std::set<std::string> contacts;
  value::list gaps;
  const auto* parties = told.find("parties");
  for (const auto& one : *parties->as<value::list>()) {
    const std::string party{one.text_or("party")};
    auto events = log.read_stream("party/" + party);
    if (!events)
      return no(unreadable(events.error()));
    add_gaps(party, *events, static_cast<int>(one.int_or("steps", 0)), gaps);
    add_contacts(*events, contacts);
    std::move(events->begin(), events->end(), std::back_inserter(all));
  }
  value::list names;
  for (const auto& contact : contacts) {
    auto events = log.read_stream("contact/" + contact);
    if (!events)
      return no(unreadable(events.error()));
    names.emplace_back(contact);
    std::move(events->begin(), events->end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const event_record& a, const event_record& b) { return a.at < b.at; });
  told.set("contacts", std::move(names));
  told.set("gaps", std::move(gaps));
  add_timeline(all, told);
  return told;
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
  impl(const store::event_log& l, bool hand) : log(l), by_hand(hand) {}

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
  const bool by_hand;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void(const store::event_log&)>> waiting;
  bool stopping = false;
  std::thread thread;
};

log_reader::log_reader(const store::event_log& log, bool by_hand)
    : impl_(std::make_unique<impl>(log, by_hand)) {
  if (!by_hand)
    impl_->thread = std::thread{[this] { impl_->run(); }};
}

log_reader::~log_reader() {
  stop();
}

void log_reader::stop() {
  {
    const std::lock_guard hold{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  if (impl_->thread.joinable())
    impl_->thread.join();
}

bool log_reader::post(std::function<void(const store::event_log&)> work) {
  if (impl_->by_hand) {
    work(impl_->log);
    return true;
  }
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
  auto fitting = shown(page->events);
  const auto next = fitting.all ? page->next : fitting.last;
  value out{value::map{}};
  out.add("events", std::move(fitting.rows));
  out.add("next", next);
  out.add("head", std::max(head, page->next));
  return out;
}

bool needs_log(const command& query) noexcept {
  return contact_asked(query) || std::holds_alternative<query::customer_timeline>(query);
}

answer<value> complete(const store::event_log& log, const command& query, answer<value> told) {
  if (std::holds_alternative<query::customer_timeline>(query))
    return told ? customer_timeline(log, std::move(*told)) : told;
  const auto* contact = contact_asked(query);
  if (!contact || (!told && (told.error().type != "routing.unknown_contact"
                             || planted(bug::forgets_the_ended))))
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
    add_timeline(*events, out);
  else
    out.set("decisions", decisions_in(*events));
  return out;
}

} // namespace careline::kernel
