#include "tools/careline/terminal.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <fmt/format.h>
#include <locale.h>
#include <optional>
#include <unistd.h>

#include "tools/careline/utf8.hpp"

namespace careline::program {

namespace {

/// The C library's table of widths, whatever locale the user has.
class utf8_locale {
public:
  utf8_locale() : held_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (held_)
      before_ = uselocale(held_);
  }
  ~utf8_locale() {
    if (!held_)
      return;
    uselocale(before_);
    freelocale(held_);
  }
  utf8_locale(const utf8_locale&) = delete;
  utf8_locale& operator=(const utf8_locale&) = delete;

private:
  locale_t held_;
  locale_t before_{};
};

std::string padded(const std::string& cell, std::size_t width, text_table::side align) {
  const auto own = display_width(cell);
  const std::string gap(width > own ? width - own : 0, ' ');
  return align == text_table::side::right ? gap + cell : cell + gap;
}

} // namespace

bool stdout_is_terminal() noexcept {
  return isatty(STDOUT_FILENO) == 1;
}

bool stderr_is_terminal() noexcept {
  return isatty(STDERR_FILENO) == 1;
}

std::size_t display_width(std::string_view text) {
  const utf8_locale for_widths;
  std::size_t width = 0;
  for_each_code_point(text, [&](char32_t point, std::string_view) {
    const int columns = wcwidth(static_cast<wchar_t>(point));
    width += columns < 0 ? 1U : static_cast<std::size_t>(columns);
  });
  return width;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_code_point(text, [&](char32_t point, std::string_view bytes) {
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    // Marks that turn the writing direction round can make a line read as another.
    const bool turning =
        (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    if (control || turning)
      out += "\xEF\xBF\xBD";
    else
      out += bytes;
  });
  return out;
}

void text_table::add(std::vector<std::string> cells) {
  for (auto& cell : cells)
    cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string text_table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto width = display_width(columns_[i].title);
    for (const auto& row : rows_)
      width = std::max(width, display_width(row[i]));
    widths.push_back(width);
  }
  std::string out;
  const auto line = [&](auto cell_at) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      text += (i ? "  " : "") + padded(cell_at(i), widths[i], columns_[i].align);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_)
    line([&](std::size_t i) { return row[i]; });
  return out;
}

progress_bar::progress_bar(std::string what, bool shown) : what_(std::move(what)), shown_(shown) {}

progress_bar::~progress_bar() {
  clear();
}

void progress_bar::show(std::uint64_t did, std::uint64_t all) {
  if (!shown_ || all == 0)
    return;
  const int percent = static_cast<int>(std::min<std::uint64_t>(100, did * 100 / all));
  if (percent == last_)
    return;
  last_ = percent;
  const auto full = static_cast<std::size_t>(percent) * 3 / 10;
  say_aside(fmt::format("\r{} [{}{}] {:3} %", what_, std::string(full, '#'),
                        std::string(30 - full, '.'), percent));
}

void progress_bar::clear() {
  if (!shown_ || last_ < 0)
    return;
  say_aside("\r\x1b[K");
  last_ = -1;
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size()
         && std::fflush(stdout) == 0;
}

void say_aside(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
  std::fflush(stderr);
}

void complain(std::string_view sentence) {
  say_aside(fmt::format("careline: {}\n", sentence));
}

} // namespace careline::program
