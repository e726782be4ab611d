#pragma once

#include <string>
#include <string_view>

namespace careline::registration {

/// What is shown of a value to whom it is not for (R2.2.1). A mask has as many characters as what
/// it stands for; a character is a code point, with what only changes its look.

/// Whether somebody may reveal values, and so sees more of them.
enum class mask_for { anybody, revealer };

/// "1****************X"; with the right to reveal "110105********002X".
std::string mask_id_number(std::string_view number, mask_for whom = mask_for::anybody);

/// "138****5678"; "010****5678"; what serves everybody (10086, 400) is shown. Other numbers keep
/// their first three characters and last two.
std::string mask_phone(std::string_view number);

/// "张*", "欧***": the first character stays.
std::string mask_name(std::string_view name);

/// Anything else: its first and last character, of six or more; only the first of fewer; nothing of
/// a single one.
std::string mask_text(std::string_view text);

} // namespace careline::registration
