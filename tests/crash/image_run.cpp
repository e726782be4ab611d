#include "tests/crash/image_run.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crash/image_check.hpp"

namespace careline::crash {

namespace {

namespace fs = std::filesystem;

/// A child looks at so many images: what one of them costs is mostly its own.
constexpr std::size_t images_of_child = 50;

struct planned {
  moment crash = 0;
  std::uint64_t seed = 0;
};

/// Where the crash is: anywhere; one in four while the folder is being made.
moment crash_of(const recorded& of, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const bool makes_folder = of.began == 0 && !of.told.groups.empty();
  const auto first_work = makes_folder ? of.told.groups.front().begun : of.all.size();
  return random() % (random() % 4 == 0 ? first_work : of.all.size());
}

std::vector<planned> plan(const recorded& of, const std::vector<std::uint64_t>& seeds) {
  std::vector<planned> all;
  for (const auto seed : seeds)
    all.push_back({crash_of(of, seed), seed});
  std::sort(all.begin(), all.end(), [](const planned& a, const planned& b) {
    return a.crash != b.crash ? a.crash < b.crash : a.seed < b.seed;
  });
  return all;
}

/// What a child says of one image; nothing was wrong when `what` is empty.
struct verdict {
  std::size_t image = 0;
  char what[240] = {};
};

std::string judge(const image& made, const recorded& of, moment crash, const std::string& folder) {
  try {
    write_image(made, folder);
    const auto what = broken_promise(folder, of.told, of.began + crash).value_or("");
    fs::remove_all(folder);
    return what;
  } catch (const std::exception& e) {
    return std::string{"an accident: "} + e.what();
  }
}

/// Goes through the recording up to each crash in turn.
class replay {
public:
  replay(const recorded& of, lie told) : of_(of), disk_(of.folder, told, of.before) {}

  /// The operation at `crash` has begun and not ended. Requires: never back.
  image at(const planned& p) {
    for (; ended_ < p.crash; ++ended_) {
      begin(ended_);
      disk_.end(of_.all[ended_]);
    }
    begin(p.crash);
    return disk_.crash(p.seed);
  }

private:
  void begin(moment at) {
    if (at < begun_)
      return;
    disk_.begin(of_.all[at]);
    begun_ = at + 1;
  }

  const recorded& of_;
  disk disk_;
  moment begun_ = 0;
  moment ended_ = 0;
};

[[noreturn]] void judge_some(const std::vector<image>& made, const std::vector<planned>& which,
                             std::size_t from, const recorded& of, const std::string& place,
                             bool quiet, int tell) {
  for (const int fatal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV})
    std::signal(fatal, SIG_DFL);  // Catch's would tell it as the end of all tests
  if (quiet)  // what a broken file does to its reader is a long story
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
  for (auto i = from; i < made.size(); ++i) {
    verdict v{i, {}};
    const auto what = judge(made[i], of, which[i].crash, place + "/" + std::to_string(i));
    what.copy(v.what, sizeof v.what - 1);
    if (::write(tell, &v, sizeof v) != sizeof v)
      std::_Exit(1);
  }
  std::_Exit(0);
}

/// Looks at the images in children, a new one after each that died.
void judge_all(const std::vector<image>& made, const std::vector<planned>& which,
               const recorded& of, bool quiet, run_outcome& into) {
  // Here, where it is removed whatever becomes of a child.
  const scratch_folder place{scratch_place::in_memory};
  for (std::size_t next = 0; next < made.size();) {
    int tell[2];
    if (::pipe(tell) != 0)
      throw std::runtime_error{"no pipe can be had"};
    const auto child = ::fork();
    if (child == 0)
      judge_some(made, which, next, of, place.path(), quiet, tell[1]);
    ::close(tell[1]);
    for (verdict v; ::read(tell[0], &v, sizeof v) == sizeof v; ++next) {
      ++into.opened;
      if (v.what[0] != '\0')
        into.findings.push_back({which[v.image].seed, which[v.image].crash, v.what});
    }
    ::close(tell[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (next < made.size()) {
      ++into.opened;
      into.findings.push_back(
          {which[next].seed, which[next].crash, "whoever opens it crashes"});
      ++next;
    }
  }
}

void start_recorder(const std::string& scenario, const std::string& folder,
                    const std::string& recording) {
  const auto child = ::fork();
  if (child == 0) {
    const auto* sanitizer = std::getenv("ASAN_OPTIONS");
    const auto options =
        std::string{sanitizer ? sanitizer : ""} + ":verify_asan_link_order=0";
    ::setenv("ASAN_OPTIONS", options.c_str(), 1);
    ::setenv("LD_PRELOAD", CRASH_SHIM, 1);
    ::setenv(folder_variable, folder.c_str(), 1);
    ::setenv(recording_variable, recording.c_str(), 1);
    ::execl(CRASH_RECORDER, CRASH_RECORDER, folder.c_str(), scenario.c_str(), nullptr);
    std::_Exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{"the recorder failed"};
}

} // namespace

std::vector<std::uint64_t> seeds_of(std::uint64_t first, std::size_t count) {
  if (const auto* one = std::getenv("CRASH_IMAGE"))
    return {std::strtoull(one, nullptr, 10)};
  std::vector<std::uint64_t> seeds(count);
  for (std::size_t i = 0; i < count; ++i)
    seeds[i] = first + i;
  return seeds;
}

run_outcome try_images(const recorded& of, const std::vector<std::uint64_t>& seeds, lie told) {
  run_outcome outcome;
  replay again{of, told};
  const auto all = plan(of, seeds);
  for (std::size_t from = 0; from < all.size(); from += images_of_child) {
    const std::vector<planned> some(
        all.begin() + static_cast<std::ptrdiff_t>(from),
        all.begin() + static_cast<std::ptrdiff_t>(std::min(from + images_of_child, all.size())));
    std::vector<image> made;
    for (const auto& p : some)
      made.push_back(again.at(p));
    judge_all(made, some, of, told != lie::none, outcome);
  }
  return outcome;
}

recorded record(const std::string& scenario) {
  recorded r;
  if (const auto* kept = std::getenv("CRASH_RECORDING")) {
    r.file = kept;
  } else {
    auto place = std::make_shared<const scratch_folder>(scratch_place::in_memory);
    r.file = place->path() + "/recording";
    fs::create_directory(place->path() + "/data");
    start_recorder(scenario, place->path() + "/data", r.file);
    r.place = std::move(place);
  }
  r.all = read_recording(r.file);
  if (r.all.empty())
    throw std::runtime_error{"there is nothing in the recording " + r.file};
  r.folder = r.all.front().text;
  r.told = history_of(r.all);
  return r;
}

recorded record_recovery(const recorded& of, std::uint64_t seed) {
  const planned first{crash_of(of, seed), seed};
  recorded r;
  r.before = replay{of, lie::none}.at(first);
  auto place = std::make_shared<const scratch_folder>(scratch_place::in_memory);
  r.file = place->path() + "/recording";
  write_image(r.before, place->path() + "/data");
  start_recorder("again", place->path() + "/data", r.file);
  r.place = std::move(place);
  r.all = read_recording(r.file);
  if (r.all.empty())
    throw std::runtime_error{"there is nothing in the recording " + r.file};
  r.folder = r.all.front().text;
  r.began = of.began + first.crash;
  r.told = of.told.until(r.began);
  for (const auto& o : history_of(r.all).openings)
    r.told.openings.push_back({r.began + o.noted, o.epoch});
  return r;
}

std::string how_to_repeat(const recorded& of, const finding& f, const std::string& test) {
  const std::string kept{"crash.recording"};
  std::error_code wrong;
  if (of.place)
    fs::copy_file(of.file, kept, fs::copy_options::overwrite_existing, wrong);
  return "image " + std::to_string(f.seed) + ", a crash at entry " + std::to_string(f.crash)
         + " of the recording: " + f.what + "\nrepeat it with: CRASH_RECORDING="
         + (of.place && !wrong ? kept : of.file) + " CRASH_IMAGE=" + std::to_string(f.seed)
         + " ./crash_test \"" + test + "\"";
}

} // namespace careline::crash
