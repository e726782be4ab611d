#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace careline::program {

/// Results are printed for a person when this is a terminal, for a program when it is not.
bool stdout_is_terminal() noexcept;
bool stderr_is_terminal() noexcept;

/// Columns that `text` takes on a terminal: 2 for a Chinese character, 0 for a combining mark.
std::size_t display_width(std::string_view text);

/// `text` without control characters: what came from outside must not drive the terminal.
std::string printable(std::string_view text);

/// A table with its columns aligned by display width; the last column is left ragged.
class text_table {
public:
  enum class side { left, right };
  struct column {
    std::string title;
    side align = side::left;
  };

  explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}
  /// Requires: as many cells as columns.
  void add(std::vector<std::string> cells);
  std::string text() const;

private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// A bar on stderr while stderr is a terminal, nothing otherwise. Redraws at whole percents only.
class progress_bar {
public:
  explicit progress_bar(std::string what, bool shown = stderr_is_terminal());
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  void show(std::uint64_t did, std::uint64_t all);
  /// Takes the bar away, so that a line may be printed. Also done at the end.
  void clear();

private:
  std::string what_;
  bool shown_;
  int last_ = -1;
};

/// Writes to stdout. False once nobody reads it any more (a closed pipe) or it cannot be written.
bool print(std::string_view text);
/// Writes to stderr. Where that cannot be written (a full disk), it is lost, and nothing else is.
void say_aside(std::string_view text);
/// One line of it, after "careline: ".
void complain(std::string_view sentence);

} // namespace careline::program
