#include "tests/crash/history.hpp"

#include <algorithm>
#include <stdexcept>

#include "messages/codec.hpp"
#include "store/row.hpp"

namespace careline::crash {

namespace {

std::string bytes_under(const value& note, std::string_view key) {
  const auto* found = note.find(key);
  const auto* bytes = found ? found->as<binary>() : nullptr;
  return bytes ? bytes->bytes : std::string{};
}

std::uint64_t number_under(const value& note, std::string_view key) {
  return static_cast<std::uint64_t>(note.int_or(key, 0));
}

const value::list& list_under(const value& note, std::string_view key) {
  const auto* found = note.find(key);
  const auto* items = found ? found->as<value::list>() : nullptr;
  if (!items)
    throw std::runtime_error{"a note without " + std::string{key}};
  return *items;
}

void begin_group(history& h, const value& note, moment at) {
  group g;
  if (!h.groups.empty()) {
    g.newest = h.groups.back().newest;
    g.checkpoints = h.groups.back().checkpoints;
  }
  g.begun = at;
  for (const auto& b : list_under(note, "batches")) {
    if (const auto* time = b.find("time"); time && time->as<std::int64_t>())
      g.newest = std::max(g.newest, from_ms(*time->as<std::int64_t>()));
    if (b.find("id")) {
      auto kept = store::decode_remembered(b.text_or("id"), bytes_under(b, "answer"));
      if (!kept)
        throw std::runtime_error{"a noted answer cannot be read"};
      g.commands.emplace_back(store::command_key{std::string{b.text_or("client")},
                                                 std::string{b.text_or("id")}},
                              *kept);
    }
    for (const auto& [listener, where] : *b.find("checkpoints")->as<value::map>())
      g.checkpoints[listener] = static_cast<position>(*where.as<std::int64_t>());
  }
  h.groups.push_back(std::move(g));
}

/// The places that the log gave; those of accepted commands with events are in their answers.
void end_group(history& h, const value& begun, const value& note, moment at) {
  auto& g = h.groups.back();
  g.acknowledged = at;
  g.head = number_under(note, "head");
  g.hash = bytes_under(note, "hash");
  const auto& batches = list_under(begun, "batches");
  const auto& places = list_under(note, "places");
  std::size_t command = 0;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (!batches[i].find("id"))
      continue;
    auto& kept = g.commands[command++].second;
    if (kept.outcome == outcome_kind::accepted && number_under(batches[i], "events") > 0)
      kept.at = static_cast<position>(*places[i].as<std::int64_t>());
  }
  h.commands += g.commands.size();
}

void take(history& h, value& begun, const value& note, moment at) {
  const auto what = note.text_or("note");
  const std::string customer{note.text_or("customer")};
  if (what == "begun") {
    begun = note;
    begin_group(h, note, at);
  } else if (what == "acknowledged") {
    end_group(h, begun, note, at);
  } else if (what == "opened") {
    h.openings.push_back({at, number_under(note, "epoch")});
  } else if (what == "sealed") {
    h.sealed.push_back({at, customer, std::string{note.text_or("clear")},
                        bytes_under(note, "sealed")});
  } else if (what == "erasing") {
    h.erasures.push_back({customer, at, never});
  } else if (what == "erased") {
    h.erasures.back().done = at;
  } else if (what == "snapshot") {
    h.snapshots.push_back({at, std::string{note.text_or("capability")}, number_under(note, "at")});
  } else if (what == "signed") {
    h.heads.push_back({at, number_under(note, "at")});
  } else if (what == "rotated") {
    ++h.rotations;
  } else {
    throw std::runtime_error{"an unknown note: " + std::string{what}};
  }
}

} // namespace

std::size_t history::acknowledged_before(moment crash) const {
  return static_cast<std::size_t>(std::count_if(
      groups.begin(), groups.end(), [&](const group& g) { return g.acknowledged < crash; }));
}

history history::until(moment crash) const {
  auto h = *this;
  const auto begun = [crash](const auto& what) { return what.begun >= crash; };
  const auto noted = [crash](const auto& what) { return what.noted >= crash; };
  std::erase_if(h.groups, begun);
  std::erase_if(h.erasures, begun);
  std::erase_if(h.sealed, noted);
  std::erase_if(h.snapshots, noted);
  std::erase_if(h.openings, noted);
  std::erase_if(h.heads, noted);
  for (auto& g : h.groups)
    if (g.acknowledged >= crash)
      g.acknowledged = never;
  for (auto& e : h.erasures)
    if (e.done >= crash)
      e.done = never;
  return h;
}

history history_of(const recording& all) {
  history h;
  value begun;
  for (moment at = 0; at < all.size(); ++at) {
    if (all[at].head.what != act::note)
      continue;
    const auto note = unpack_own(all[at].data);
    if (!note)
      throw std::runtime_error{"a note cannot be read"};
    take(h, begun, *note, at);
  }
  return h;
}

} // namespace careline::crash
