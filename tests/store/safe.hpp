#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "store/keys/key_store.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "tests/scratch_folder.hpp"

// What the stories about keys and their copies have in common.

namespace careline::store::story {

inline const person_id li{"P-li"};
inline const person_id wang{"P-wang"};

inline std::string bytes_of_file(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream{path, std::ios::binary}.rdbuf();
  return all.str();
}

/// A secret's file as the program would have left it.
inline void write_secret(const std::string& path, const std::string& bytes) {
  using std::filesystem::perms;
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
}

/// The keys of a centre, which an engine uses.
struct safe {
  scratch_folder folder;
  std::string place = folder.path() + "/keys";
  std::unique_ptr<key_store> keys = open();

  static key_options small() {
    key_options o;
    o.map_bytes = 64 << 20;
    return o;
  }
  std::unique_ptr<key_store> open() const { return open_key_store(place, small()).value(); }
  void restart() {
    keys.reset();
    keys = open();
  }
  std::string master() const { return bytes_of_file(place + "/master.key"); }
  /// What is in all files of the keys' folder.
  std::string all_bytes() const {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{place})
      if (entry.is_regular_file())
        all += bytes_of_file(entry.path().string());
    return all;
  }
  /// A key as the file has it: the row of the slot that `sealed` names.
  std::string row_of(const std::string& sealed) {
    keys.reset();
    std::string row;
    {
      lmdb::env file{{place, small().map_bytes}};
      const lmdb::table_spec spec[] = {{"slots", true}};
      const auto slots = file.open_tables(spec)[0];
      row = lmdb::reading{file}.get(slots, std::string_view{sealed}.substr(1, 8)).value();
    }
    keys = open();
    return row;
  }
};

/// For as long as it lives the file of the keys cannot be written anew: the copy is made, and then
/// cannot be looked at.
struct no_rewriting {
  std::string rewrite;
  std::unique_ptr<lmdb::env> in_the_way;

  explicit no_rewriting(const std::string& place) : rewrite(place + "/rewrite") {
    std::filesystem::create_directories(rewrite);
    in_the_way = std::make_unique<lmdb::env>(lmdb::env_options{rewrite, 1 << 20});
  }
};

} // namespace careline::store::story
