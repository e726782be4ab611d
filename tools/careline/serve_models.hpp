#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "actors/desks.hpp"
#include "actors/kernel/caf_engine.hpp"
#include "actors/reception/model.hpp"
#include "actors/security/access_book.hpp"
#include "tools/careline/config.hpp"

namespace careline::program {

/// The models of a serving engine, new and set up as the configuration says.
kernel::engine_models make_models(const config& with);

/// Who may do what, as they know it.
const security::access_book& book_of(const kernel::engine_models& models);

/// Tells them that the engine was away until now.
void restart(const kernel::engine_models& models, instant now);

/// What its reception works by.
reception::reception_policy reception_policy_of(const config& with);

/// What its desks work by.
desk_policy desk_policy_of(const config& with);

/// Where it sends people whom it does not take in.
kernel::outside_places places_of(const config& with);

/// The same one by one, for what is folded beside the running ones.
std::vector<std::function<std::unique_ptr<kernel::capability>()>> model_kinds(const config& with);

} // namespace careline::program
