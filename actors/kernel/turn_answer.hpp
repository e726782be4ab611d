#pragma once

#include <cstddef>
#include <functional>

#include "messages/envelope.hpp"
#include "messages/vocabulary.hpp"

namespace careline::kernel {

/// Data of a reply that is remembered has at most so many bytes packed (design §5.5).
inline constexpr std::size_t kept_bytes_max = 512;

/// How many bytes a value has as MessagePack. A model does not link what packs it.
using packed_size = std::function<std::size_t(const value&)>;

/// What is kept of a reply's data, for whoever sends the same command again. Of too much the
/// largest entries are left out, one by one, never `contact`; `left_out` then names them, so that a
/// list that is not there does not read as an empty one.
value kept_data(value data, const packed_size& size_of);

/// Says to a session that was taken up from where to follow the log: its own event, or `head`.
/// `out` has its position already.
void tell_place(const command& c, position head, reply& out);

} // namespace careline::kernel
