#include "actors/kernel/turn_bounds.hpp"

#include "messages/fields.hpp"

namespace careline::kernel {

namespace {

/// Visits the fields of a message and remembers the first list or map that is too long. What is
/// inside the items of a list was counted when a command brought it.
class too_long_fields {
public:
  template <class T>
  void must(std::string_view key, const T& item) {
    look(key, item);
  }
  template <class T>
  void may(std::string_view key, const T& item) {
    look(key, item);
  }
  const std::optional<problem>& failure() const noexcept { return failure_; }

private:
  template <class T>
  void look(std::string_view, const T&) {}
  template <has_fields T>
  void look(std::string_view, const T& item) {
    T::fields(*this, item);
  }
  template <class T>
  void look(std::string_view key, const std::optional<T>& item) {
    if (item)
      look(key, *item);
  }
  template <class T>
  void look(std::string_view key, const std::vector<T>& items) {
    count(key, items.size());
  }
  template <class K, class T>
  void look(std::string_view key, const std::map<K, T>& items) {
    count(key, items.size());
  }
  void count(std::string_view key, std::size_t items) {
    if (items > list_items_max && !failure_)
      failure_ = because("command.too_large", std::string{key},
                         "the event it would cause has more than 4,096 items here");
  }

  std::optional<problem> failure_;
};

} // namespace

std::optional<problem> too_long_to_read(const event& e) {
  too_long_fields look;
  std::visit([&](const auto& x) { std::remove_cvref_t<decltype(x)>::fields(look, x); }, e);
  return look.failure();
}

} // namespace careline::kernel
