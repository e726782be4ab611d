#pragma once

#include <optional>
#include <string>

#include "messages/fields.hpp"

// Questions to reception (see messages/queries.hpp).

namespace careline::query {

/// The triage table in force, and how well it does.
struct triage_show {
  using has_field_list = void;
  static constexpr std::string_view type = "triage.show";
  template <class V, class Self>
  static void fields(V&, Self&) {}
};
/// An area, whether it is open now, and when it opens next.
struct area_show {
  using has_field_list = void;
  static constexpr std::string_view type = "area.show";
  area_id area;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("area", x.area);
  }
};
struct area_list {
  using has_field_list = void;
  static constexpr std::string_view type = "area.list";
  template <class V, class Self>
  static void fields(V&, Self&) {}
};
/// The texts of a wording in all languages and on all channels, or in one; as they are now, or as
/// one version was.
struct wording_show {
  using has_field_list = void;
  static constexpr std::string_view type = "wording.show";
  code_word wording;
  code_word language;
  channel_id channel;
  std::optional<int> number;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("wording", x.wording);
    v.may("language", x.language);
    v.may("channel", x.channel);
    v.may("version", x.number);
  }
};
/// Which wordings there are, and the forbidden words.
struct wording_list {
  using has_field_list = void;
  static constexpr std::string_view type = "wording.list";
  template <class V, class Self>
  static void fields(V&, Self&) {}
};
/// Which forbidden words a text holds that is about to be sent otherwise than by contact.say.
struct wording_check {
  using has_field_list = void;
  static constexpr std::string_view type = "wording.check";
  personal<std::string> text;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.must("text", x.text);
  }
};
/// What is to be brought for a business; without one, for which businesses there is a list.
struct materials_show {
  using has_field_list = void;
  static constexpr std::string_view type = "materials.show";
  code_word business;
  template <class V, class Self>
  static void fields(V& v, Self& x) {
    v.may("business", x.business);
  }
};
/// How many helped themselves: solved of those that ended.
struct self_service_show {
  using has_field_list = void;
  static constexpr std::string_view type = "self_service.show";
  template <class V, class Self>
  static void fields(V&, Self&) {}
};

} // namespace careline::query
