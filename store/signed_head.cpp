#include "store/signed_head.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messages/json.hpp"
#include "messages/number_bytes.hpp"
#include "store/hash.hpp"
#include "store/sync_path.hpp"
#include "store/whole_file.hpp"

// docs/log-format.md, "Signed heads".

namespace careline::store {

namespace {

constexpr std::string_view marker = "CLHEAD01";
constexpr std::int64_t format = 1;

int digit_of(char c) noexcept {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

template <std::size_t Size>
bool read_hex(std::string_view text, std::array<unsigned char, Size>& into) noexcept {
  if (text.size() != 2 * Size)
    return false;
  for (std::size_t i = 0; i < Size; ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    into[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

heads_failure failed(const std::string& doing, const std::string& path) {
  return {"cannot " + doing + " the file of signed heads " + path + ": " + std::strerror(errno),
          errno == ENOSPC || errno == EDQUOT};
}

/// The file while something is appended to it, by one process at a time: between looking at its end
/// and cutting off what was torn there another's line would be lost.
class open_heads {
public:
  explicit open_heads(const std::string& path)
      : is_new_(::access(path.c_str(), F_OK) != 0),
        file_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) {
    // A file system without locks leaves it at looking.
    while (file_ >= 0 && ::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~open_heads() {
    if (file_ >= 0)
      ::close(file_);
  }
  open_heads(const open_heads&) = delete;
  open_heads& operator=(const open_heads&) = delete;

  bool is_open() const {
    struct stat about {};
    if (file_ < 0 || ::fstat(file_, &about) != 0)
      return false;
    errno = EINVAL;
    return S_ISREG(about.st_mode);
  }
  bool is_new() const noexcept { return is_new_; }

  /// What goes before a new line, so that it is one; where the rest of a torn one cannot be taken
  /// away (a file that may only grow), it is at least ended.
  std::string end_torn_line() const {
    const auto whole = ::lseek(file_, 0, SEEK_END);
    const bool is_ended = whole == 0 || byte_at(whole - 1) == '\n';
    const auto end = begin_of_torn(whole, is_ended);
    // Not where others appended something meanwhile.
    if (end == whole || (::lseek(file_, 0, SEEK_END) == whole && ::ftruncate(file_, end) == 0))
      return "";
    return is_ended ? "" : "\n";
  }
  bool append(std::string_view bytes) const {
    const auto written = ::write(file_, bytes.data(), bytes.size());
    if (written == static_cast<ssize_t>(bytes.size()) && ::fsync(file_) == 0)
      return true;
    const int wrong = written >= 0 && written < static_cast<ssize_t>(bytes.size()) ? ENOSPC : errno;
    if (written > 0)
      take_back(written);
    errno = wrong;
    return false;
  }

private:
  std::optional<char> byte_at(off_t place) const {
    char c = 0;
    return ::pread(file_, &c, 1, place) == 1 ? std::optional{c} : std::nullopt;
  }
  /// Where the last line begins when it is not whole, else `whole`. Of one that lies in two sectors
  /// a power cut may leave the second alone: zeros, and behind them its end.
  off_t begin_of_torn(off_t whole, bool is_ended) const {
    bool is_torn = !is_ended;
    auto at = is_ended && whole > 0 ? whole - 1 : whole;
    for (; at > 0; --at) {
      const auto c = byte_at(at - 1);
      if (!c || *c == '\n')
        break;
      is_torn = is_torn || *c == '\0';
    }
    return is_torn ? at : whole;
  }
  /// What was written last; not where others appended something behind it.
  void take_back(ssize_t written) const {
    const auto end = ::lseek(file_, 0, SEEK_CUR);
    if (end == ::lseek(file_, 0, SEEK_END))
      static_cast<void>(::ftruncate(file_, end - written));
  }

  bool is_new_;
  int file_;
};

} // namespace

std::string signed_bytes(const signed_head& head) {
  std::string out{marker};
  put_number(out, static_cast<std::uint16_t>(head.partition.size()));
  out += head.partition;
  put_number(out, head.at);
  out += bytes_of(head.hash);
  put_number(out, to_ms(head.time));
  return out;
}

std::string to_line(const signed_head& head) {
  value all{value::map{}};
  all.add("format", format);
  all.add("partition", head.partition);
  all.add("position", head.at);
  all.add("hash", to_hex(bytes_of(head.hash)));
  all.add("time", to_rfc3339(head.time));
  all.add("key", head.key);
  all.add("signature", to_hex(bytes_of(head.signature)));
  return to_json(all);
}

result<signed_head, std::string> parse_head(std::string_view line) {
  const auto read = from_json(line);
  if (!read || !read->is_map())
    return no(std::string{"it is no JSON object"});
  if (read->int_or("format", 0) > format)
    return no(std::string{"it is of a newer format; use the newer program"});
  signed_head head;
  head.partition = read->text_or("partition");
  head.key = read->text_or("key");
  const auto at = read->int_or("position", -1);
  const auto time = parse_rfc3339(read->text_or("time"));
  if (at < 0 || !time || !read_hex(read->text_or("hash"), head.hash)
      || !read_hex(read->text_or("signature"), head.signature))
    return no(std::string{"it is no signed head"});
  head.at = static_cast<position>(at);
  head.time = time->at;
  // The signature is over what the line means; so that nothing else can be in it, it is compared.
  if (to_line(head) != line)
    return no(std::string{"it is not written as a signed head is"});
  return head;
}

result<std::vector<head_line>, std::string> read_heads(const std::string& path) {
  const auto bytes = bytes_in(path);
  if (!bytes)
    return no("cannot read the file of signed heads " + path + ": " + std::strerror(errno));
  std::vector<head_line> lines;
  for (std::string_view rest{*bytes}; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    lines.push_back({lines.size() + 1,
                     end == rest.npos
                         ? result<signed_head, std::string>{no(std::string{"it is cut short"})}
                         : parse_head(line)});
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return lines;
}

result<void, heads_failure> append_head(const std::string& path, const signed_head& head) {
  const open_heads file{path};
  if (!file.is_open())
    return no(failed("open", path));
  if (!file.append(file.end_torn_line() + to_line(head) + "\n"))
    return no(failed("write", path));
  if (file.is_new())
    if (const int wrong = sync_path(folder_of(path))) {
      errno = wrong;
      return no(failed("make durable", path));
    }
  return {};
}

result<void, heads_failure> try_heads_file(const std::string& path) {
  if (const open_heads file{path}; !file.is_open())
    return no(failed("open", path));
  return {};
}

} // namespace careline::store
