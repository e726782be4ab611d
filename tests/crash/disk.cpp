#include "tests/crash/disk.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <stdexcept>

#include <fcntl.h>

namespace careline::crash {

namespace {

constexpr std::uint64_t sector_bytes = 512;
constexpr std::uint64_t sectors_in_page = 8;
constexpr std::uint64_t all_of_them = std::numeric_limits<std::uint64_t>::max();

/// SplitMix64: a number for each question, whatever order they are asked in.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  auto x = a + 0x9E3779B97F4A7C15U * (b + 1);
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

void put(std::string& content, std::uint64_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size())
    content.resize(at + bytes.size());
  content.replace(at, bytes.size(), bytes);
}

} // namespace

/// What becomes of everything that is not durable, decided by one seed.
class disk::chance {
public:
  /// `last`: the newest operation.
  chance(std::uint64_t seed, number last)
      : seed_(seed), kind_(static_cast<kind>(mixed(seed, 1) % kinds)),
        share_(shares[mixed(seed, 2) % std::size(shares)]),
        until_(1 + mixed(seed, 3) % (last + 1)) {
    // What waits for its sync is mostly young: the newest operations are what matters.
    if (kind_ == kind::in_order)
      until_ = last + 1 - std::min<number>(last, mixed(seed, 3) % newest);
  }
  static chance of_everything() {
    chance c{0, 0};
    c.kind_ = kind::everything;
    return c;
  }

  /// Pieces of a sector are there as long as this says yes.
  bool has(std::size_t file, std::uint64_t sector, number order) const {
    switch (kind_) {
    case kind::nothing: return false;
    case kind::everything: return true;
    case kind::in_order: return order < until_;
    case kind::by_write: return is_in_share(order);
    case kind::by_page: return is_in_share(mixed(mixed(file, sector / sectors_in_page), order));
    case kind::by_sector: return is_in_share(mixed(mixed(file, sector), order));
    }
    return false;
  }
  /// Lengths and names up to this one are there.
  number last_change(std::size_t which, number newest_change) const {
    if (kind_ == kind::nothing)
      return 0;
    if (kind_ == kind::everything)
      return all_of_them;
    if (kind_ == kind::in_order || mixed(seed_, 4) % 2 == 0)
      return until_ - 1;
    return mixed(mixed(seed_, 5), which) % (newest_change + 1);
  }

private:
  enum class kind { nothing, everything, in_order, by_write, by_page, by_sector };
  static constexpr std::uint64_t kinds = 6;
  static constexpr std::uint64_t newest = 40;
  static constexpr std::uint64_t shares[] = {4, 32, 64, 96, 124};  // of 128

  bool is_in_share(std::uint64_t what) const { return mixed(mixed(seed_, 6), what) % 128 < share_; }

  std::uint64_t seed_;
  kind kind_;
  std::uint64_t share_;
  number until_;
};

disk::disk(std::string root, lie told, const image& before) : root_(std::move(root)), lie_(told) {
  nodes_.emplace_back().is_folder = true;
  const auto put_in = [this](const std::string& name, node what) {
    const auto [folder, last] = folder_of(root_ + "/" + name);
    nodes_[folder].names[last] = nodes_.size();
    nodes_[folder].names_now[last] = nodes_.size();
    nodes_.push_back(std::move(what));
  };
  for (const auto& name : before.folders) {
    node folder;
    folder.is_folder = true;
    put_in(name, std::move(folder));
  }
  for (const auto& [name, content] : before.files) {
    node file;
    file.durable = content;
    file.bytes = content.size();
    put_in(name, std::move(file));
  }
}

std::string disk::relative(std::string_view path) const {
  auto rest = path.substr(root_.size());
  while (rest.starts_with('/'))
    rest.remove_prefix(1);
  while (rest.ends_with('/'))
    rest.remove_suffix(1);
  return std::string{rest};
}

std::optional<std::size_t> disk::find(std::string_view path) const {
  std::size_t at = 0;
  for (auto rest = relative(path); !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto found = nodes_[at].names_now.find(rest.substr(0, end));
    if (found == nodes_[at].names_now.end())
      return std::nullopt;
    at = found->second;
    rest.erase(0, end + 1);
  }
  return at;
}

std::pair<std::size_t, std::string> disk::folder_of(std::string_view path) const {
  const auto whole = relative(path);
  const auto slash = whole.rfind('/');
  const auto folder = slash == std::string::npos ? std::string{} : whole.substr(0, slash);
  const auto found = find(root_ + "/" + folder);
  if (!found)
    throw std::runtime_error{"the recording names a folder it never made: " + std::string{path}};
  return {*found, slash == std::string::npos ? whole : whole.substr(slash + 1)};
}

void disk::change_name(std::string_view path, std::optional<std::size_t> which,
                       std::optional<std::size_t> with) {
  const auto [folder, name] = folder_of(path);
  auto& in = nodes_[folder];
  in.changes.push_back({order_, name, which, with});
  if (which)
    in.names_now[name] = *which;
  else
    in.names_now.erase(name);
}

void disk::open(const entry& e) {
  auto found = find(e.text);
  if (!found) {
    found = nodes_.size();
    nodes_.emplace_back();
    change_name(e.text, found);
  }
  open_[e.head.file] = {*found, (e.head.flags & O_DSYNC) != 0};
  if ((e.head.flags & O_TRUNC) != 0 && e.head.at == 0)
    set_length(nodes_[*found], 0, true);
}

void disk::set_length(node& file, std::uint64_t bytes, bool cuts) {
  file.lengths.push_back({order_, bytes, cuts});
  file.bytes = bytes;
}

void disk::write(const entry& e) {
  auto& file = nodes_[open_.at(e.head.file).node];
  const std::string_view bytes = e.data;
  for (std::size_t done = 0; done < bytes.size();) {
    const auto at = e.head.at + done;
    const auto in_sector = at % sector_bytes;
    const auto part = bytes.substr(done, sector_bytes - in_sector);
    file.pieces[at / sector_bytes].push_back({order_, in_sector, std::string{part}});
    done += part.size();
  }
  if (e.head.at + bytes.size() > file.bytes)
    set_length(file, e.head.at + bytes.size(), false);
}

void disk::rename(const entry& e) {
  const auto zero = e.text.find('\0');
  const auto from = e.text.substr(0, zero);
  const auto to = e.text.substr(zero + 1);
  const auto moved = find(from);
  if (!moved)
    throw std::runtime_error{"the recording renames what it never made: " + from};
  change_name(to, moved);
  change_name(from, std::nullopt, folder_of(to).first);
}

void disk::begin(const entry& e) {
  ++order_;
  switch (e.head.what) {
  case act::open: return open(e);
  case act::close: open_.erase(e.head.file); return;
  case act::write: return write(e);
  case act::truncate: {
    auto& file = nodes_[open_.at(e.head.file).node];
    return set_length(file, e.head.at, e.head.at < file.bytes);
  }
  case act::allocate: {
    auto& file = nodes_[open_.at(e.head.file).node];
    return set_length(file, std::max(file.bytes, e.head.at), false);
  }
  case act::rename: return rename(e);
  case act::unlink: return change_name(e.text, std::nullopt);
  case act::make_folder:
    nodes_.emplace_back().is_folder = true;
    return change_name(e.text, nodes_.size() - 1);
  case act::watch:
  case act::sync:
  case act::note: return;
  }
}

void disk::end(const entry& e) {
  if (e.head.what == act::write) {
    const auto& to = open_.at(e.head.file);
    if (to.syncs_writes && lie_ != lie::syncs_nothing && lie_ != lie::syncs_no_meta)
      make_sectors_durable(nodes_[to.node], e.head.at, e.data.size());
  }
  if (e.head.what == act::sync && lie_ != lie::syncs_nothing) {
    auto& n = nodes_[open_.at(e.head.file).node];
    if (n.is_folder || lie_ != lie::syncs_no_data)
      make_durable(n);
  }
}

void disk::make_durable(node& n) {
  // Pieces that a cut took away are no longer there; the others in their order, sector by sector.
  for (const auto& [sector, pieces] : n.pieces)
    for (const auto& p : pieces) {
      const auto at = sector * sector_bytes + p.at;
      const bool is_cut = std::any_of(n.lengths.begin(), n.lengths.end(), [&](const length& l) {
        return l.cuts && l.order > p.order && at >= l.bytes;
      });
      if (!is_cut)
        put(n.durable, at, p.bytes);
    }
  if (!n.lengths.empty())
    n.durable.resize(n.bytes);
  n.pieces.clear();
  n.lengths.clear();
  n.names = n.names_now;
  n.changes.clear();
}

/// One write that is synced by itself: a sector goes to the disk whole, with what was written to
/// it before.
void disk::make_sectors_durable(node& file, std::uint64_t at, std::uint64_t bytes) {
  for (auto sector = at / sector_bytes; sector * sector_bytes < at + bytes; ++sector) {
    for (const auto& p : file.pieces[sector])
      put(file.durable, sector * sector_bytes + p.at, p.bytes);
    file.pieces.erase(sector);
  }
}

std::string disk::content(std::size_t which, const chance& c) const {
  const auto& file = nodes_[which];
  auto content = file.durable;
  const auto last =
      c.last_change(which, file.lengths.empty() ? 0 : file.lengths.back().order);
  std::uint64_t longest = 0;
  for (const auto& l : file.lengths)
    if (l.order <= last) {
      longest = l.cuts ? l.bytes : std::max(longest, l.bytes);
      if (l.cuts)
        content.resize(std::min<std::size_t>(content.size(), l.bytes));
    }
  for (const auto& [sector, pieces] : file.pieces)
    for (const auto& p : pieces) {
      if (!c.has(which, sector, p.order))
        break;  // a later write's sector holds this one's bytes too
      const auto at = sector * sector_bytes + p.at;
      const bool is_cut =
          std::any_of(file.lengths.begin(), file.lengths.end(), [&](const length& l) {
            return l.cuts && l.order <= last && l.order > p.order && at >= l.bytes;
          });
      if (!is_cut)
        put(content, at, p.bytes);
    }
  if (content.size() < longest)
    content.resize(longest);
  return content;
}

std::map<std::string, std::size_t> disk::names(std::size_t which, const chance& c) const {
  const auto& folder = nodes_[which];
  auto names = folder.names;
  const auto last =
      c.last_change(which, folder.changes.empty() ? 0 : folder.changes.back().order);
  for (const auto& change : folder.changes) {
    if (change.order > last)
      break;
    if (change.node) {
      names[change.name] = *change.node;
      continue;
    }
    if (change.with && *change.with != which) {
      const auto& other = nodes_[*change.with].changes;
      const auto half = std::find_if(other.begin(), other.end(),
                                     [&](const auto& h) { return h.order == change.order; });
      // Not among the changes: it is durable.
      if (half != other.end() && half->order > c.last_change(*change.with, other.back().order))
        continue;
    }
    names.erase(change.name);
  }
  return names;
}

void disk::collect(std::size_t folder, const std::string& path, const chance& c,
                   image& into) const {
  for (const auto& [name, which] : names(folder, c)) {
    const auto whole = path + (path.empty() ? "" : "/") + name;
    if (nodes_[which].is_folder) {
      into.folders.push_back(whole);
      collect(which, whole, c, into);
    } else {
      into.files.emplace_back(whole, content(which, c));
    }
  }
}

image disk::crash(std::uint64_t seed) const {
  image made;
  collect(0, {}, chance{seed, order_}, made);
  return made;
}

image disk::all() const {
  image made;
  collect(0, {}, chance::of_everything(), made);
  return made;
}

} // namespace careline::crash
