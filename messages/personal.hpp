#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "messages/ids.hpp"
#include "messages/problem.hpp"

namespace careline {

/// A value about a person. It cannot be printed or compared by accident; the codec writes it only
/// sealed (R2.2.5, R2.3.3; design §5.11). Clear only in its owner's memory.
template <class T>
class personal {
public:
  personal() = default;
  explicit personal(T clear) : held_(std::move(clear)) {}
  /// What was read from the log or the bus: still sealed.
  static personal sealed(std::string bytes) {
    personal p;
    p.held_ = sealed_bytes{std::move(bytes)};
    return p;
  }

  bool is_clear() const noexcept { return std::holds_alternative<T>(held_); }
  bool is_sealed() const noexcept { return std::holds_alternative<sealed_bytes>(held_); }
  bool empty() const noexcept { return held_.index() == 0; }
  /// The clear value. Requires: is_clear(). Named so that a reader of the code stops here.
  const T& reveal() const { return std::get<T>(held_); }
  /// The sealed form. Requires: is_sealed().
  const std::string& sealed_form() const { return std::get<sealed_bytes>(held_).bytes; }

private:
  struct sealed_bytes {
    std::string bytes;
  };
  std::variant<std::monostate, T, sealed_bytes> held_;
};

/// Seals and opens personal values. `store/keys` keeps the real keys; `clear_sealer` is for
/// simulation and tests. Safe to call from any thread.
class sealer {
public:
  virtual ~sealer() = default;

  /// The person behind a customer's own number or name: a keyed hash, equal for equal input and
  /// of no use without the master key.
  virtual person_id person_of(std::string_view customer) const = 0;

  /// Seals `clear` under the key of `person`, making one when there is none yet. The key is on
  /// disk before this returns. Fails with `engine.no_key` when none can be made (disk full).
  virtual answer<std::string> seal(const person_id& person, std::string_view clear) = 0;

  /// Opens what `seal` made for the same person. Fails with `person.erased` when the key was
  /// destroyed, `person.damaged` when the bytes are not what was sealed.
  virtual answer<std::string> open(const person_id& person, std::string_view sealed) const = 0;
};

/// Leaves values readable, behind a marker: for `simulate` and model tests, never for `serve`.
class clear_sealer final : public sealer {
public:
  person_id person_of(std::string_view customer) const override;
  answer<std::string> seal(const person_id& person, std::string_view clear) override;
  answer<std::string> open(const person_id& person, std::string_view sealed) const override;
};

} // namespace careline
