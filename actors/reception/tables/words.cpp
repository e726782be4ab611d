#include "actors/reception/tables/words.hpp"

#include <algorithm>
#include <array>

namespace careline::reception {

namespace {

constexpr std::size_t words_max = 1000;
constexpr std::size_t word_bytes_max = 128;
constexpr std::size_t text_bytes_max = 2000;

/// What a gateway fills in from the reply that it has.
constexpr std::array<std::string_view, 3> placeholders{"{ticket}", "{wait_s}", "{queue}"};

/// Spaces beyond ASCII: no-break, zero width, ideographic.
constexpr std::array<std::string_view, 3> wide_spaces{"\xC2\xA0", "\xE2\x80\x8B", "\xE3\x80\x80"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// The usual form of a full-width sign, U+FF01 to U+FF5E, in front of `text`; 0 for another.
char usual_form(std::string_view text) {
  constexpr std::size_t bytes = 3;
  if (text.size() < bytes || text[0] != '\xEF')
    return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const auto third = static_cast<unsigned char>(text[2]);
  const unsigned code = 0xF000U | (second & 0x3FU) << 6U | (third & 0x3FU);
  constexpr unsigned first = 0xFF01;
  constexpr unsigned last = 0xFF5E;
  return first <= code && code <= last ? static_cast<char>(code - first + '!') : char{0};
}

/// A text as it is compared.
std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto space = std::ranges::find_if(
        wide_spaces, [&](std::string_view one) { return text.starts_with(one); });
    if (space != wide_spaces.end()) {
      text.remove_prefix(space->size());
    } else if (const char usual = usual_form(text)) {
      out += lower(usual);
      text.remove_prefix(3);
    } else {
      if (!is_space(text.front()))
        out += lower(text.front());
      text.remove_prefix(1);
    }
  }
  return out;
}

} // namespace

forbidden_words::forbidden_words(std::vector<std::string> words) : words_(std::move(words)) {
  folded_.reserve(words_.size());
  for (const auto& word : words_)
    folded_.push_back(folded(word));
}

std::vector<std::string> forbidden_words::in(std::string_view text) const {
  std::vector<std::string> out;
  if (words_.empty())
    return out;
  const auto said = folded(text);
  for (std::size_t i = 0; i < words_.size(); ++i)
    if (said.find(folded_[i]) != std::string::npos)
      out.push_back(words_[i]);
  return out;
}

std::optional<problem> check_forbidden(const std::vector<std::string>& words) {
  if (words.size() > words_max)
    return expected("words", "at most 1,000 words");
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].size() > word_bytes_max || folded(words[i]).empty())
      return expected("words[" + std::to_string(i) + "]", "1 to 128 bytes, not spaces alone");
  return {};
}

std::optional<problem> check_wording(std::string_view text) {
  if (text.empty() || text.size() > text_bytes_max)
    return expected("text", "1 to 2,000 bytes");
  for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1))
    if (std::ranges::none_of(placeholders, [&](std::string_view one) {
          return text.substr(at).starts_with(one);
        }))
      return expected("text", "{ticket}, {wait_s} and {queue} and no other placeholder");
  return {};
}

} // namespace careline::reception
