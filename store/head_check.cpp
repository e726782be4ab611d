#include "store/head_check.hpp"

#include <algorithm>

namespace careline::store {

head_check::head_check(std::vector<head_line> lines, std::vector<public_key> keys)
    : lines_(std::move(lines)), keys_(std::move(keys)), fits_(lines_.size(), false) {
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (lines_[i].head)
      by_position_.push_back(i);
  std::ranges::stable_sort(by_position_, {}, [this](std::size_t i) { return lines_[i].head->at; });
  saw(0, chain_hash{});
}

void head_check::saw(position at, const chain_hash& hash) {
  for (; next_ < by_position_.size() && lines_[by_position_[next_]].head->at <= at; ++next_) {
    const auto& head = *lines_[by_position_[next_]].head;
    fits_[by_position_[next_]] = head.at == at && head.hash == hash;
  }
}

std::string head_check::why_misfit(const head_line& line, bool has_hash, position head) const {
  if (!line.head)
    return line.head.error();
  const auto& said = *line.head;
  const auto is_of = [&](const public_key& key) { return key.id() == said.key; };
  const auto key = std::ranges::find_if(keys_, is_of);
  if (key == keys_.end()) {
    std::string known;
    for (const auto& one : keys_)
      known += (known.empty() ? "" : ", ") + one.id();
    return "it was signed with the foreign key " + said.key + ", not with " + known;
  }
  if (!key->has_signed(said))
    return "its signature is wrong: it was changed after it was signed";
  if (said.partition != default_partition)
    return "it is of the partition " + said.partition;
  const auto place = "position " + std::to_string(said.at) + " on " + to_rfc3339(said.time);
  if (said.at > head)
    return "it was signed at " + place + ", but the log ends at " + std::to_string(head)
           + ": it was cut short, or an older copy stands in its place";
  if (!has_hash)
    return "it was signed at " + place + ", but the log is another one up to there";
  return {};
}

std::optional<head_check::misfit> head_check::first_misfit(position head) const {
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (auto why = why_misfit(lines_[i], fits_[i], head); !why.empty())
      return misfit{lines_[i].number, std::move(why)};
  return std::nullopt;
}

} // namespace careline::store
