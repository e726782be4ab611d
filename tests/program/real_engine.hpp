#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "gateway/bus/bus_client.hpp"
#include "tests/scratch_folder.hpp"

namespace careline::real {

/// How long a test waits for something that should come at once.
inline constexpr auto patience = std::chrono::seconds{30};

/// A folder that goes when the test does.
class data_folder {
  scratch_folder folder_;

public:
  const std::string path = folder_.path();
};

/// A file with that text, in a folder of its own.
class text_file {
public:
  explicit text_file(std::string_view text, const std::string& name = "a.jsonl");

private:
  data_folder folder_;

public:
  std::string path;
};

/// Each line of what was printed, read as JSON. Requires: each is.
std::vector<value> json_lines(const std::string& printed);

/// The real program with any arguments; its stdout and stderr are pipes.
class process {
public:
  explicit process(std::vector<std::string> arguments);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  /// One line of stdout, or what came before it ended; without the line's end.
  std::string line();
  /// All that is left on stdout. Returns when it has ended.
  std::string rest();
  bool has_ended() const;
  /// All it said on stderr. Requires: it has ended.
  std::string said() const;
  /// Sends a signal (0: none) and waits: its exit code, or -1 when a signal ended it.
  int end(int signal);

private:
  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
  std::string buffer_;
};

/// `careline serve` on a data folder, at addresses of its own choice.
class engine : public process {
public:
  explicit engine(const std::string& data, std::vector<std::string> more = {});
  /// "commands", "events" or "http", as its ready line says.
  std::string address(const std::string& name) const;
  std::string ready;
};

/// A client with a name.
class desk {
public:
  desk(const engine& e, std::string name);
  /// Sends a command or query with its data as JSON and waits for the reply.
  reply ask(std::string_view type, std::string_view json, std::string id = {});

private:
  std::string name_;
  std::unique_ptr<gateway::bus::bus_client> client_;
};

/// What a process of the program printed and how it ended.
struct outcome {
  int code = 0;
  std::string out;
  std::string err;
};
/// Runs the program to its end.
outcome run(std::vector<std::string> arguments);

} // namespace careline::real
