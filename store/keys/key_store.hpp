#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "messages/personal.hpp"
#include "messages/result.hpp"
#include "store/event_log.hpp"

namespace careline::store {

struct key_options {
  std::uint64_t map_bytes = 16ULL << 30U;
  /// Keys made durable ahead of need, so that a new person's first value waits for no disk.
  std::size_t slots_ahead = 256;
  /// Persons and keys held in memory; others are read again when they are needed.
  std::size_t held_max = 100'000;
  /// What tells that there were keys here, as a piece of a sentence: where they are gone, none are
  /// made.
  std::string made_before;
};

/// What an erasure did.
struct erasure {
  std::size_t slots = 0;    ///< keys of the person that were destroyed
  std::size_t unowned = 0;  ///< keys of unknown owner that are left, see key_store::unowned
};

/// What an exchange of the master key did.
struct rotation {
  std::size_t keys = 0;    ///< of persons, which are sealed under the new one
  std::string unfinished;  ///< why the file could not be rewritten yet; empty: it was
};

/// The real sealer (docs/log-format.md "Seal"): a random key for each person in a numbered slot,
/// all under one master key. Safe to call from any thread; fast where the person's key is at hand.
///
/// A slot is durable before anything is sealed under it. Whose it is follows a moment later; where
/// the process died in between, the slot is "unowned" until `open` meets a value sealed under it.
class key_store final : public sealer {
public:
  ~key_store() override;

  person_id person_of(std::string_view customer) const override;
  answer<std::string> seal(const person_id& person, std::string_view clear) override;
  answer<std::string> open(const person_id& person, std::string_view sealed) const override;

  /// What tells two commands with one id apart (docs/log-format.md); of no use without the master
  /// key. `packed_data`: the data as MessagePack, empty for none.
  digest16 digest_of_command(std::string_view type, std::string_view packed_data) const;

  /// Destroys all keys of a person and rewrites the file without them; what was sealed under them
  /// can never be opened again (copies of the folder made before still can). Later values of the
  /// same person get a new key. Blocks for as long as copying the file takes; others go on.
  result<erasure, std::string> erase(const person_id& person);
  /// The same of several at once, for one copy of the file; none where none has a key and no
  /// rewriting is due. Where it fails keys may be gone all the same: it is to be done again.
  /// `named`: what these erasures are called, so that none is done twice: somebody may have a key
  /// again by then, whom the same number names.
  result<erasure, std::string> erase(const std::vector<person_id>& persons,
                                     const std::vector<std::string>& named = {});
  /// An erasure of this name has destroyed what there was to destroy.
  bool was_erased(const std::string& name) const;
  /// What was destroyed, or a master key opens that is in force no more, still lingers in the file,
  /// which could not be rewritten yet: `erase` does it, of nobody too, and so does a start.
  bool is_rewrite_due() const;
  /// Another master key in the place of this one, while others go on: all keys of persons are
  /// sealed anew under it, in one durable step, and the file is rewritten without the old ones. A
  /// crash in between leaves the one or the other, whole. Fails with a sentence, and the master key
  /// is the one before: it is kept elsewhere; the disk is full; a key is damaged.
  result<rotation, std::string> rotate_master();
  /// There were none in the folder before.
  bool is_new() const;
  /// Keys made ahead and not given away. None after opening: the disk is full; `seal` makes some as
  /// soon as there is room, and until then says `engine.no_key` for persons without one.
  std::size_t ahead() const;
  /// Slots whose owner was lost in a crash. Opening the values of the log's end learns them.
  std::vector<std::uint64_t> unowned() const;
  /// Waits until all that was handed out is on disk with its owner.
  void flush();

private:
  friend result<std::unique_ptr<key_store>, log_error> open_key_store(const std::string& folder,
                                                                      const key_options& options);
  struct impl;
  explicit key_store(std::unique_ptr<impl> of);
  std::unique_ptr<impl> impl_;
};

/// Opens `folder` (the data folder's `keys/`), making it and the master key at the first start.
/// One process at a time: the log's lock sees to that. Fails with a sentence: no master key beside
/// existing slots, another master key than theirs, one that others may read (`io`), a newer format
/// (`newer_format`), a damaged file, or none where there were some (`damaged`).
result<std::unique_ptr<key_store>, log_error> open_key_store(const std::string& folder,
                                                             const key_options& options = {});

} // namespace careline::store
