#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace careline {

/// A name that will not pass for a name of another kind. At most `id_bytes_max` bytes of UTF-8
/// without control characters (design §5.19); the codec refuses others, so a model never sees them.
template <class Tag>
class name_of {
public:
  name_of() = default;
  explicit name_of(std::string text) : text_(std::move(text)) {}
  explicit name_of(std::string_view text) : text_(text) {}
  explicit name_of(const char* text) : text_(text) {}

  const std::string& text() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const name_of&, const name_of&) = default;
  friend std::strong_ordering operator<=>(const name_of& a, const name_of& b) noexcept {
    return a.text_.compare(b.text_) <=> 0;
  }

private:
  std::string text_;
};

using contact_id = name_of<struct contact_tag>;
using agent_id = name_of<struct agent_tag>;
using queue_id = name_of<struct queue_tag>;
using channel_id = name_of<struct channel_tag>;
using skill_id = name_of<struct skill_tag>;
using site_id = name_of<struct site_tag>;
/// A place in a hall where an agent serves people: what a display sends them to.
using counter_id = name_of<struct counter_tag>;
using session_name = name_of<struct session_tag>;
/// A person, or a body of persons, whom the centre knows (R2.2.1): a name of the centre's own,
/// never the person's number.
using party_id = name_of<struct party_tag>;
/// What a person has asked for by right (access, copy, correction, erasure, withdrawal).
using right_id = name_of<struct right_tag>;
/// What somebody was told would happen by a moment.
using promise_id = name_of<struct promise_tag>;
/// Where somebody is led to: the self-service hall, a counter, a specialist (R2.1.4).
using area_id = name_of<struct area_tag>;
/// What somebody does alone at a machine or a menu, before or without a contact.
using episode_id = name_of<struct episode_tag>;
/// Who is on the other end of the bus, by its key: its `source` and its session's name.
using client_id = name_of<struct client_tag>;
/// Whose key seals a personal value: an opaque reference, never the person's own number.
using person_id = name_of<struct person_tag>;

/// A word that stands for something agreed on: a reason, a disposition, a purpose. No sentence fits
/// into it, so that nothing said of a person gets into an event in clear (contract §2).
using code_word = name_of<struct code_tag>;

inline constexpr std::size_t id_bytes_max = 128;
inline constexpr std::size_t code_bytes_max = 64;

/// True when `text` may be an id: not empty, short enough, valid UTF-8, no control characters.
bool is_valid_id(std::string_view text) noexcept;

/// True when `text` may be a code: 1 to 64 bytes of letters and digits of any script and _ - . :
bool is_valid_code(std::string_view text) noexcept;

/// True when `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_valid_utf8(std::string_view text) noexcept;

} // namespace careline

template <class Tag>
struct std::hash<careline::name_of<Tag>> {
  std::size_t operator()(const careline::name_of<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};
