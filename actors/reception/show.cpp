#include "actors/reception/model.hpp"
#include "actors/reception/tables/hours.hpp"

namespace careline::reception {

namespace {

template <class T>
value list_of(const std::vector<T>& items) {
  value::list out;
  out.reserve(items.size());
  for (const auto& one : items)
    out.push_back(to_value(one));
  return out;
}

value list_of_text(const std::vector<std::string>& items) {
  value::list out;
  out.reserve(items.size());
  for (const auto& one : items)
    out.emplace_back(one);
  return out;
}

} // namespace

value head_of(const wording_key& key) {
  value out{value::map{}};
  out.add("wording", key.wording.text());
  out.add("language", key.language.text());
  if (!key.channel.empty())
    out.add("channel", key.channel.text());
  return out;
}

value reception_model::show_triage() const {
  value counts{value::map{}};
  counts.add("triaged", counts_.by_table);
  counts.add("by_default", counts_.by_default);
  counts.add("corrected", counts_.corrected);
  counts.add("ended", counts_.ended);
  if (counts_.ended > 0)
    counts.add("accuracy", static_cast<double>(counts_.ended - counts_.ended_corrected)
                               / static_cast<double>(counts_.ended));
  value out{value::map{}};
  out.add("from", rows_ ? "defined" : "configuration");
  if (rows_)
    out.add("version", number_);
  out.add("default_queue", policy_.default_queue.text());
  out.add("counts", std::move(counts));
  out.add("rows", list_of(table()));
  return out;
}

value reception_model::show(const service_area& a, const context& in) const {
  auto out = to_value(a);
  const bool is_open = is_open_now(a, in);
  out.add("open_now", is_open);
  if (closed_sites_.contains(a.site))
    out.add("site_closed", true);  // until somebody opens it: nobody knows when
  else if (!is_open)
    if (const auto next = opens_next(a, in.now, in.offset_minutes))
      out.add("opens", to_rfc3339(*next));
  return out;
}

answer<value> reception_model::show(const query::wording_show& q) const {
  value::list rows;
  for (auto at = wordings_.lower_bound({q.wording, {}, {}});
       at != wordings_.end() && at->first.wording == q.wording; ++at) {
    const auto& [key, all] = *at;
    const int number = q.number.value_or(all.newest());
    if ((!q.language.empty() && key.language != q.language)
        || (!q.channel.empty() && key.channel != q.channel) || number < all.first
        || number > all.newest())
      continue;
    auto row = head_of(key);
    row.add("version", number);
    row.add("newest", all.newest());
    const auto& text = all.texts[static_cast<std::size_t>(number - all.first)];
    row.add("text", text);
    if (auto held = forbidden_.in(text); !held.empty())
      row.add("forbidden", list_of_text(held));
    rows.push_back(std::move(row));
  }
  if (rows.empty())
    return no(because("reception.unknown_wording", "wording", q.wording.text()));
  return value{value::map{{"texts", value{std::move(rows)}}}};
}

value reception_model::list_wordings() const {
  value::list rows;
  rows.reserve(wordings_.size());
  for (const auto& [key, all] : wordings_) {
    auto row = head_of(key);
    row.add("version", all.newest());
    rows.push_back(std::move(row));
  }
  value out{value::map{}};
  out.add("wordings", value{std::move(rows)});
  out.add("forbidden", list_of_text(forbidden_.words()));
  return out;
}

answer<value> reception_model::show(const query::materials_show& q) const {
  value::list rows;
  for (const auto& [business, documents] : materials_)
    if (q.business.empty() || business == q.business) {
      value row{value::map{}};
      row.add("business", business.text());
      if (!q.business.empty())  // of all at once it would be too much
        row.add("documents", list_of(documents));
      rows.push_back(std::move(row));
    }
  if (rows.empty() && !q.business.empty())
    return no(because("reception.unknown_business", "business", q.business.text()));
  return value{value::map{{"materials", value{std::move(rows)}}}};
}

value reception_model::show_episodes() const {
  value out{value::map{}};
  out.add("opened", helped_.opened);
  out.add("ended", helped_.ended());
  out.add("solved", helped_.solved);
  out.add("handed_over", helped_.handed_over);
  out.add("left", helped_.left);
  if (helped_.ended() > 0)
    out.add("containment",
            static_cast<double>(helped_.solved) / static_cast<double>(helped_.ended()));
  return out;
}

answer<value> reception_model::ask(const command& asked, const context& in) const {
  return std::visit(
      overloaded{
          [&](const query::triage_show&) -> answer<value> { return show_triage(); },
          [&](const query::area_show& q) -> answer<value> {
            const auto found = areas_.find(q.area);
            if (found == areas_.end())
              return no(because("reception.unknown_area", "area", q.area.text()));
            return show(found->second, in);
          },
          [&](const query::area_list&) -> answer<value> {
            value::list rows;
            for (const auto& [id, area] : areas_)
              rows.push_back(show(area, in));
            return value{value::map{{"areas", value{std::move(rows)}}}};
          },
          [&](const query::wording_show& q) -> answer<value> { return show(q); },
          [&](const query::wording_list&) -> answer<value> { return list_wordings(); },
          [&](const query::wording_check& q) -> answer<value> {
            const auto text = q.text.is_clear() ? q.text.reveal() : std::string{};
            return value{value::map{{"words", list_of_text(forbidden_.in(text))}}};
          },
          [&](const query::materials_show& q) -> answer<value> { return show(q); },
          [&](const query::self_service_show&) -> answer<value> { return show_episodes(); },
          [&](const auto&) -> answer<value> {
            return no(because("command.type_unknown", "type", std::string{type_of(asked)}));
          },
      },
      asked);
}

} // namespace careline::reception
