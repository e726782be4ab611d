#pragma once

#include <tl/expected.hpp>

namespace careline {

/// A value, or the reason why there is none. Member names are those of std::expected.
template <class T, class E>
using result = tl::expected<T, E>;

/// Wraps a reason so that it converts to any result.
template <class E>
auto no(E reason) {
  return tl::unexpected<E>(std::move(reason));
}

} // namespace careline
