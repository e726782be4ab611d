#include <algorithm>

#include "actors/reception/model.hpp"
#include "messages/saved_rows.hpp"

namespace careline::reception {

namespace {

constexpr int form = 3; ///< of the saved state; another is not read

template <class Ids>
value texts_of(const Ids& ids) {
  long_list out;
  for (const auto& one : ids)
    out.push_back(one.text());
  return out.take();
}

template <class Id>
bool read_ids(const value& from, std::set<Id>& into) {
  return long_list::each(from, [&](const value& one) {
    const auto* text = one.as<std::string>();
    if (text)
      into.insert(Id{*text});
    return text != nullptr;
  });
}

template <class T>
value rows_of(const std::vector<T>& items) {
  long_list out;
  for (const auto& one : items)
    out.push_back(to_value(one));
  return out.take();
}

template <class T>
bool read_rows(const value& from, std::vector<T>& into) {
  return long_list::each(
      from, [&](const value& one) { return from_value(one, into.emplace_back()).has_value(); });
}

value row_of_class(const contact_class* one) {
  return one ? to_value(*one) : value{};
}

value row_of_more(const visit_more& more) {
  long_list issued;
  for (const auto& [business, documents] : more.issued)
    issued.push_back(row_of(business.text(), rows_of(documents)));
  return row_of(issued.take(), texts_of(more.presented), texts_of(more.reminded));
}

bool read_more(const value& from, visit_more& more) {
  row_reader row{from};
  return long_list::each(row.any(),
                         [&](const value& one) {
                           row_reader list{one};
                           std::string business;
                           list >> business;
                           auto& documents = more.issued[code_word{std::move(business)}];
                           return read_rows(list.any(), documents);
                         })
         && read_ids(row.any(), more.presented) && read_ids(row.any(), more.reminded);
}

/// What is not there has the default.
const value& part_of(const value& from, std::string_view key) {
  static const value nothing{value::list{}};
  const auto* found = from.find(key);
  return found ? *found : nothing;
}

} // namespace

value reception_model::save_visits() const {
  long_list rows;
  for (const auto& [id, one] : visits_) {
    const bool is_as_sorted = one.sorted == one.is;
    const auto& more = one.more.get();
    const bool has_more =
        !more.issued.empty() || !more.presented.empty() || !more.reminded.empty();
    rows.push_back(row_of(id.text(), one.score ? value{*one.score} : value{},
                          one.ended ? value{to_ms(*one.ended)} : value{}, one.table,
                          row_of_class(one.sorted),
                          row_of_class(is_as_sorted ? nullptr : one.is),
                          has_more ? row_of_more(more) : value{}));
  }
  return rows.take();
}

value reception_model::save_tables() const {
  value out{value::map{}};
  out.add("version", number_);
  if (rows_)
    out.add("rows", rows_of(*rows_));
  out.add("counts", row_of(counts_.by_table, counts_.by_default, counts_.corrected, counts_.ended,
                           counts_.ended_corrected));
  long_list areas;
  for (const auto& [id, area] : areas_)
    areas.push_back(to_value(area));
  out.add("areas", areas.take());
  long_list wordings;
  for (const auto& [key, all] : wordings_) {
    value::list texts;
    for (const auto& text : all.texts)
      texts.emplace_back(text);
    wordings.push_back(row_of(key.wording.text(), key.language.text(), key.channel.text(),
                              all.first, value{std::move(texts)}));
  }
  out.add("wordings", wordings.take());
  long_list forbidden;
  for (const auto& word : forbidden_.words())
    forbidden.push_back(word);
  out.add("forbidden", forbidden.take());
  long_list materials;
  for (const auto& [business, documents] : materials_)
    materials.push_back(row_of(business.text(), rows_of(documents)));
  out.add("materials", materials.take());
  return out;
}

value reception_model::save_episodes() const {
  long_list rows;
  for (const auto& at : by_opening_) {
    const auto& [id, one] = *at;
    rows.push_back(row_of(id.text(), one.channel.text(), one.need.text(), one.business.text(),
                          to_ms(one.opened),
                          one.ended ? value{static_cast<int>(*one.ended)} : value{}));
  }
  return rows.take();
}

value reception_model::save() const {
  value out{value::map{}};
  out.add("form", form);
  out.add("opened", opened_);
  out.add("visits", save_visits());
  out.add("tables", save_tables());
  out.add("queues", texts_of(queues_));
  out.add("closed_sites", texts_of(closed_sites_));
  out.add("episodes", save_episodes());
  out.add("helped",
          row_of(helped_.opened, helped_.solved, helped_.handed_over, helped_.left));
  return out;
}

/// They were saved in their order.
bool reception_model::load_visit(const value& from) {
  row_reader row{from};
  std::string id;
  row >> id;
  visit one;
  if (const auto* score = row.any().as<std::int64_t>())
    one.score = static_cast<int>(*score);
  if (const auto* ended = row.any().as<std::int64_t>())
    one.ended = from_ms(*ended);
  row >> one.table;
  for (auto* into : {&one.sorted, &one.is})
    if (const auto& item = row.any(); !item.is_nil()) {
      contact_class read;
      if (!from_value(item, read))
        return false;
      *into = kept(std::move(read));
    }
  if (!one.is)
    one.is = one.sorted;
  if (const auto& more = row.any(); !more.is_nil() && !read_more(more, one.more.edit()))
    return false;
  const auto before = visits_.size();
  const auto ended = one.ended;
  const auto at =
      visits_.emplace_hint(visits_.end(), contact_id{std::move(id)}, std::move(one));
  if (ended)
    ended_.emplace_back(*ended, at);
  return row && visits_.size() > before;
}

bool reception_model::load_wording(const value& from) {
  row_reader row{from};
  std::string wording;
  std::string language;
  std::string channel;
  wording_texts all;
  row >> wording >> language >> channel >> all.first;
  const auto* texts = row.any().as<value::list>();
  if (!row || !texts || texts->empty())
    return false;
  for (const auto& one : *texts)
    all.texts.push_back(one.is_text() ? *one.as<std::string>() : std::string{});
  wordings_[{code_word{std::move(wording)}, code_word{std::move(language)},
             channel_id{std::move(channel)}}] = std::move(all);
  return true;
}

bool reception_model::load_tables(const value& from) {
  number_ = static_cast<int>(from.int_or("version", 0));
  if (const auto* rows = from.find("rows"); rows && !read_rows(*rows, rows_.emplace()))
    return false;
  row_reader counts{part_of(from, "counts")};
  counts >> counts_.by_table >> counts_.by_default >> counts_.corrected >> counts_.ended
      >> counts_.ended_corrected;
  std::vector<service_area> areas;
  std::vector<std::string> forbidden;
  const auto load_materials = [this](const value& one) {
    row_reader row{one};
    std::string business;
    row >> business;
    return read_rows(row.any(), materials_[code_word{std::move(business)}]);
  };
  if (!counts || !read_rows(part_of(from, "areas"), areas)
      || !long_list::each(part_of(from, "wordings"),
                          [this](const value& one) { return load_wording(one); })
      || !long_list::each(part_of(from, "materials"), load_materials)
      || !long_list::each(part_of(from, "forbidden"), [&](const value& one) {
           forbidden.emplace_back(one.is_text() ? *one.as<std::string>() : std::string{});
           return one.is_text();
         }))
    return false;
  for (auto& one : areas)
    areas_[area_id{one.area}] = std::move(one);
  forbidden_ = forbidden_words{std::move(forbidden)};
  mark_greetings();
  return true;
}

bool reception_model::load_episode(const value& from) {
  row_reader row{from};
  std::string id;
  std::string channel;
  std::string need;
  std::string business;
  episode one;
  row >> id >> channel >> need >> business >> one.opened;
  if (const auto* ended = row.any().as<std::int64_t>())
    one.ended = static_cast<self_service_outcome>(*ended);
  one.channel = channel_id{std::move(channel)};
  one.need = code_word{std::move(need)};
  one.business = code_word{std::move(business)};
  const auto [at, is_new] = episodes_.try_emplace(episode_id{std::move(id)}, std::move(one));
  by_opening_.push_back(at);
  return row && is_new;
}

bool reception_model::load_all(const value& state) {
  row_reader helped{part_of(state, "helped")};
  helped >> helped_.opened >> helped_.solved >> helped_.handed_over >> helped_.left;
  const auto* visits = state.find("visits");
  const auto* tables = state.find("tables");
  return helped && visits && tables && load_tables(*tables)
         && long_list::each(*visits, [this](const value& one) { return load_visit(one); })
         && read_ids(part_of(state, "queues"), queues_)
         && read_ids(part_of(state, "closed_sites"), closed_sites_)
         && long_list::each(part_of(state, "episodes"),
                            [this](const value& one) { return load_episode(one); });
}

void reception_model::clear() {
  ended_.clear();
  visits_.clear();
  opened_ = 0;
  rows_.reset();
  number_ = 0;
  counts_ = {};
  areas_.clear();
  wordings_.clear();
  forbidden_ = {};
  materials_.clear();
  by_opening_.clear();
  episodes_.clear();
  helped_ = {};
  queues_.clear();
  closed_sites_.clear();
  classes_.clear();
}

bool reception_model::load(const value& state) {
  clear();
  if (state.int_or("form", 0) != form || !load_all(state)) {
    clear();
    return false;
  }
  opened_ = static_cast<std::uint64_t>(state.int_or("opened", 0));
  std::stable_sort(ended_.begin(), ended_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return true;
}

} // namespace careline::reception
