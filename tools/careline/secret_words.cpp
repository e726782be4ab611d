#include "tools/careline/secret_words.hpp"

#include <iostream>
#include <termios.h>
#include <unistd.h>

#include "store/keys/passwords.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

namespace {

/// The terminal shows nothing of what is typed, for as long as this lives.
class unseen_typing {
public:
  unseen_typing() : was_set_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    auto hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (was_set_)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~unseen_typing() {
    if (was_set_)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  unseen_typing(const unseen_typing&) = delete;
  unseen_typing& operator=(const unseen_typing&) = delete;

private:
  termios before_{};
  bool was_set_;
};

std::string typed(const char* asked) {
  say_aside(asked);
  std::string line;
  {
    const unseen_typing hide;
    std::getline(std::cin, line);
  }
  say_aside("\n");
  return line;
}

} // namespace

std::optional<std::string> ask_password() {
  std::string word;
  if (isatty(STDIN_FILENO) == 1) {
    word = typed("password: ");
    if (word != typed("once more: ")) {
      complain("the two are not the same");
      return std::nullopt;
    }
  } else {
    std::getline(std::cin, word);
  }
  if (!store::may_be_set(word)) {
    complain("a password has 12 to 256 bytes");
    return std::nullopt;
  }
  return word;
}

} // namespace careline::program
