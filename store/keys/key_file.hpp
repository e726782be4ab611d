#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/event_log.hpp"
#include "store/keys/key_hold.hpp"
#include "store/keys/secrets.hpp"
#include "store/lmdb/lmdb_env.hpp"

namespace careline::store {

using slot_number = std::uint64_t;

/// A slot and the key in it.
struct key_slot {
  slot_number number = 0;
  secret_key key;
};

/// The keys on disk: the LMDB environment of `keys/`. Not guarded: see key_store for who may call
/// what when. Every function but the constructor and `is_open` may throw lmdb::failure, and all of
/// them do so while it is not open.
class key_file {
public:
  key_file(std::string folder, std::uint64_t map_bytes)
      : folder_(std::move(folder)), map_bytes_(map_bytes) {}

  /// Opens the environment; says what is wrong with it when it cannot be used. `fresh` afterwards:
  /// it holds nothing yet.
  void open();
  /// Opens a copy that nobody else has open, to look at it only.
  void open_copy();
  bool is_open() const noexcept { return env_ != nullptr; }
  bool is_fresh() const;
  /// Marks a fresh environment as this master key's, or says that it is another's, or of a newer
  /// format.
  std::optional<log_error> check_master(const secret_key& master, nonce_source& nonces);

  /// Random bytes that only copies of these keys have; none in a file from before they were given.
  std::string id() const;
  /// Gives it one where it has none.
  void give_id();
  /// Whether it is this master key's.
  bool fits(const secret_key& slots_key) const;
  /// The keys of hashes, where another master key came after the one that they came from: what is
  /// found by a hash is found by the same one for ever.
  std::optional<master_keys> hashing_keys(const secret_key& slots_key) const;
  /// Seals all slots anew, in one durable step, and keeps the keys of hashes. How many. The old
  /// bytes linger in the file until `write_anew` and `swap_in`. Throws a failure that is damage
  /// when a slot cannot be opened; nothing has changed then.
  std::size_t reseal(const master_keys& from, const secret_key& to, nonce_source& nonces);

  /// The newest slot of a person.
  std::optional<slot_number> slot_of(const std::string& person) const;
  std::vector<slot_number> slots_of(const std::string& person) const;
  struct key_answer {
    bool was_made = false;  ///< a slot of that number was made once
    bool is_there = false;  ///< and is there still
    std::optional<secret_key> key;  ///< and is whole
  };
  key_answer key_in(slot_number slot, const secret_key& master) const;
  /// Slots handed to nobody, as far as the disk knows.
  std::vector<slot_number> without_owner() const;

  using ownership = std::pair<std::string, slot_number>;
  /// Makes `count` slots and writes down `owners`, in one durable step.
  std::vector<key_slot> make_and_own(std::size_t count, const std::vector<ownership>& owners,
                                     const secret_key& master, nonce_source& nonces);
  /// Removes slots that were never used.
  void drop_unused(const std::vector<slot_number>& slots);
  using slots_of_person = std::pair<std::string, std::vector<slot_number>>;
  /// Destroys slots, and writes down that the erasures of these names are done, in one durable
  /// step. The bytes may linger in the file until `write_anew` and `swap_in`.
  void destroy(const std::vector<slots_of_person>& all, const std::vector<std::string>& done);
  bool was_erased(const std::string& name) const;
  bool is_rewrite_due() const;
  /// The number that the next slot gets. It only rises.
  slot_number next_slot() const;
  /// Whether a slot that both have holds the same key in both; one that does not open is no matter.
  bool agrees_with(const key_file& other, const secret_key& master,
                   const secret_key& others_master) const;
  /// How many slots there are. Throws a failure that is damage when one of them cannot be opened.
  std::size_t check_slots(const secret_key& master) const;
  /// Copies what is left beside the file, and looks whether all of it is in the copy. Others may
  /// read on meanwhile, nobody may write. Waits for other processes that copy the file, and keeps
  /// them from it until `swap_in` is done. Leaves nothing of a copy that could not be made.
  void write_anew();
  /// Puts the copy in place and, once it can be read there, overwrites the old file. Nobody may use
  /// this meanwhile. It is not open afterwards where even `open` failed.
  void swap_in();

private:
  lmdb::env& file() const;
  void check_copy(const std::string& folder) const;
  void open_tables(const lmdb::env_options& options);

  std::string folder_;
  std::uint64_t map_bytes_;
  std::unique_ptr<lmdb::env> env_;
  std::optional<key_hold> exchanging_;
  lmdb::table slots_ = 0;
  lmdb::table persons_ = 0;
  lmdb::table ahead_ = 0;
  lmdb::table meta_ = 0;
};

/// What became of `doing`, as the log says it: damage, or anything else of the machine's.
log_error key_error(const std::string& doing, const lmdb::failure& why);

} // namespace careline::store
