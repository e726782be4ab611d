#include "actors/registration/tables/identity.hpp"

#include <algorithm>
#include <array>

namespace careline::registration {

namespace {

constexpr std::array methods{
    method_row{"knowledge", 1, 2},        method_row{"service_password", 2, 0},
    method_row{"sms_code", 2, 0},         method_row{"document_seen", 3, 0},
    method_row{"face", 3, 0},
};

/// Withdrawing is to be as easy as agreeing was, so it needs none.
constexpr std::array operations{
    operation_row{"correct", 2},
    operation_row{"right.access", 2},
    operation_row{"right.copy", 2},
    operation_row{"right.erasure", 2},
    operation_row{"right.correction", 1},
};

} // namespace

std::span<const method_row> method_rows() noexcept {
  return methods;
}

const method_row* find_method(std::string_view method) noexcept {
  const auto row = std::find_if(methods.begin(), methods.end(),
                                [&](const method_row& r) { return r.method == method; });
  return row == methods.end() ? nullptr : &*row;
}

std::span<const operation_row> operation_rows() noexcept {
  return operations;
}

int level_for(std::string_view operation) noexcept {
  const auto row = std::find_if(operations.begin(), operations.end(),
                                [&](const operation_row& r) { return r.operation == operation; });
  return row == operations.end() ? 0 : row->level;
}

} // namespace careline::registration
