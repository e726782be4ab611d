#include <array>

#include "actors/reception/model.hpp"

namespace careline::reception {

using kernel::decision;

namespace {

/// Of one language and channel each; beyond, nobody keeps them in order.
constexpr std::size_t wordings_max = 1000;

} // namespace

reception_model::verdict reception_model::on(const wording_define& c, const context&) const {
  if (auto wrong = check_wording(c.text))
    return no(*wrong);
  if (const auto held = forbidden_.in(c.text); !held.empty())
    return no(because("reception.forbidden_word", "text", held.front()));
  const auto before = wordings_.find({c.wording, c.language, c.channel});
  if (before == wordings_.end() && wordings_.size() >= wordings_max)
    return no(because("reception.too_many", {}, "at most " + std::to_string(wordings_max)));
  const int newest = before == wordings_.end() ? 0 : before->second.newest();
  const bool is_so = newest > 0 && before->second.texts.back() == c.text;
  wording_defined e;
  static_cast<wording_define&>(e) = c;
  e.number = is_so ? newest : newest + 1;
  decision d;
  d.reply.set("version", e.number);
  if (!is_so)
    d.events.emplace_back(std::move(e));
  return d;
}

/// Wordings whose newest text holds one of the words: to be put otherwise.
value::list reception_model::holding(const forbidden_words& words) const {
  value::list out;
  for (const auto& [key, texts] : wordings_)
    if (!words.in(texts.texts.back()).empty())
      out.push_back(head_of(key));
  return out;
}

reception_model::verdict reception_model::on(const wording_forbid& c, const context&) const {
  if (auto wrong = check_forbidden(c.words))
    return no(*wrong);
  decision d;
  if (auto told = holding(forbidden_words{c.words}); !told.empty())
    d.reply.set("wordings", value{std::move(told)});
  if (forbidden_.words() == c.words)
    return d;
  wording_forbidden e;
  e.words = c.words;
  d.events.emplace_back(std::move(e));
  return d;
}

/// In the language asked for, then in the one it is a kind of ("zh" of "zh-HK"), then in the
/// policy's; in each the channel's own goes before that of any channel.
const std::pair<const wording_key, wording_texts>* reception_model::fitting(
    const code_word& wording, const std::string& language, const channel_id& channel) const {
  if (wordings_.empty())
    return nullptr;
  const std::array languages{code_word{language}, code_word{language.substr(0, language.find('-'))},
                             policy_.language};
  for (const auto& spoken : languages)
    for (const auto& its : {channel, channel_id{}})
      if (const auto found = wordings_.find({wording, spoken, its}); found != wordings_.end())
        return &*found;
  return nullptr;
}

bool reception_model::has_wording(const code_word& wording) const {
  const auto first = wordings_.lower_bound({wording, {}, {}});
  return first != wordings_.end() && first->first.wording == wording;
}

} // namespace careline::reception
