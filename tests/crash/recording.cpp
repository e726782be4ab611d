#include "tests/crash/recording.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace careline::crash {

recording read_recording(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  recording all;
  for (std::size_t at = 0; at < bytes.size();) {
    entry e;
    if (at + sizeof e.head > bytes.size())
      throw std::runtime_error{"the recording " + file + " is cut short"};
    std::memcpy(&e.head, bytes.data() + at, sizeof e.head);
    at += sizeof e.head;
    if (at + e.head.text_bytes + e.head.data_bytes > bytes.size())
      throw std::runtime_error{"the recording " + file + " is cut short"};
    e.text = bytes.substr(at, e.head.text_bytes);
    at += e.head.text_bytes;
    e.data = bytes.substr(at, e.head.data_bytes);
    at += e.head.data_bytes;
    all.push_back(std::move(e));
  }
  return all;
}

} // namespace careline::crash
