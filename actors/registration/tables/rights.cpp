#include "actors/registration/tables/rights.hpp"

#include <algorithm>

namespace careline::registration {

namespace {

constexpr std::string_view answer_time =
    "MIIT order No. 24 of 2013: users' complaints about personal information within 15 days";

constexpr std::array rows{
    right_row{right_kind::access, 15, answer_time},
    right_row{right_kind::copy, 15, answer_time},
    right_row{right_kind::correction, 15, answer_time},
    right_row{right_kind::erasure, 15, answer_time},
    right_row{right_kind::withdrawal, 15, answer_time},
};

} // namespace

std::span<const right_row> right_rows() noexcept {
  return rows;
}

const right_row& row_of_right(right_kind kind) noexcept {
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const right_row& r) { return r.kind == kind; });
}

} // namespace careline::registration
