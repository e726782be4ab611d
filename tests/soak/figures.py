"""What the soak measures of the engine, and the rule by which a figure is flat or grows.

A figure is judged over the last two thirds of the samples. Its growth there is the slope through
them (the median of the slopes of all pairs, so that one odd sample bends nothing) times the time
between the first and the last. It is flat where that is at most the figure's bound: a part of its
own level, or so much, whichever is more. What a log costs is judged by the event instead: the
second half of the judged time may cost at most a tenth more an event than the first. Files grow
in steps, so a MiB more than that is not told from nothing.
"""
import collections
import dataclasses
import os
import pathlib
import statistics

MIB = 1 << 20
SAMPLES_MIN = 6
PER_EVENT_SHARE = 0.10


@dataclasses.dataclass(frozen=True)
class Rule:
    """`share` of its level, or `least`, may a figure grow while it is judged."""
    share: float
    least: float
    unit: str = ""


RULES = {
    "private memory": Rule(0.05, 4 * MIB, "MiB"),
    "open descriptors": Rule(0.0, 4),
    "threads": Rule(0.0, 1),
    "reader slots": Rule(0.0, 2),
    "oldest open read": Rule(0.0, 1000),
    "in mailboxes": Rule(0.0, 16),
    "commands in flight": Rule(0.0, 16),
    "batches before the writer": Rule(0.0, 16),
    "groups before the board": Rule(0.0, 8),
    "messages before the bus": Rule(0.0, 64),
    "events the bus is behind": Rule(0.0, 1000),
    "events the board is behind": Rule(0.0, 1000),
    "contacts waiting": Rule(0.10, 30),
    "contacts in talk": Rule(0.10, 30),
    "newest snapshots": Rule(0.05, MIB / 4, "MiB"),
    "keys": Rule(0.05, MIB / 4, "MiB"),
}
PER_EVENT = ("log file", "stream index")

# Of these the least of a sample's time counts: what they come back to.
FROM_METRICS = {
    "reader slots": "careline_log_reader_slots",
    "oldest open read": "careline_log_oldest_read_commits",
    "in mailboxes": "careline_actor_mailbox_messages",
    "commands in flight": "careline_commands_in_flight",
    "batches before the writer": "careline_log_queued_batches",
    "groups before the board": "careline_board_deliveries_waiting",
    "messages before the bus": "careline_bus_outbound_queued",
    "events the bus is behind": "careline_bus_lag_events",
    "events the board is behind": "careline_board_lag_events",
    "contacts waiting": "careline_waiting",
    "contacts in talk": "careline_in_progress",
    "events": "careline_log_head",
}


def read_metrics(text):
    """{name: number}; of a name with labels their sum."""
    found = collections.defaultdict(float)
    for row in text.splitlines():
        if row and not row.startswith("#"):
            name, number = row.rsplit(" ", 1)
            found[name.split("{")[0]] += float(number)
    return found


class Watch:
    """Gathers what is seen between two samples of one process and its data folder."""

    def __init__(self, process, data):
        self.process, self.data = process, pathlib.Path(data)
        self.unread = 0      # times that the engine's own figures could not be had
        self._seen = collections.defaultdict(list)

    def look(self):
        """What the system says of the process; cheap, each second."""
        proc = f"/proc/{self.process}"
        with open(proc + "/status", encoding="ascii", errors="replace") as status:
            rows = dict(row.split(":", 1) for row in status if ":" in row)
        self._seen["private memory"].append(int(rows["RssAnon"].split()[0]) * 1024)
        self._seen["threads"].append(int(rows["Threads"]))
        self._seen["open descriptors"].append(len(os.listdir(proc + "/fd")))

    def hear(self, text):
        """What the engine says of itself: the body of /metrics."""
        told = read_metrics(text)
        if "careline_log_head" not in told:
            self.unread += 1
            return
        for figure, name in FROM_METRICS.items():
            self._seen[figure].append(told[name])

    def sample(self):
        """All figures of the time since the last one; nothing where the engine told none."""
        seen, self._seen = self._seen, collections.defaultdict(list)
        if not seen["events"] or not seen["threads"]:
            return None
        taken = {figure: min(values) for figure, values in seen.items()}
        taken["private memory"] = statistics.median(seen["private memory"])
        taken["events"] = seen["events"][-1]
        taken["log file"] = size_of(self.data / "log")
        taken["stream index"] = size_of(self.data / "streams")
        taken["keys"] = size_of(self.data / "keys")
        taken["newest snapshots"], taken["all snapshots"] = snapshots_in(self.data / "snapshots")
        return taken


def size_of(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def snapshots_in(folder):
    """Bytes of the newest one of each capability, and of all."""
    newest, total = {}, 0
    for file in folder.rglob("*") if folder.exists() else ():
        try:
            about = file.stat()
        except FileNotFoundError:
            continue  # an old one that goes
        if not file.is_file():
            continue
        total += about.st_size
        kind = file.name.split("-")[0] if file.parent == folder else file.parent.name
        newest[kind] = max(newest.get(kind, (0, 0)), (about.st_mtime_ns, about.st_size))
    return sum(size for _when, size in newest.values()), total


def slope(points):
    """The median of the slopes of all pairs of (time, value)."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0])
              for i, a in enumerate(points) for b in points[i + 1:] if b[0] > a[0]]
    return statistics.median(slopes) if slopes else 0.0


@dataclasses.dataclass(frozen=True)
class Verdict:
    figure: str
    is_flat: bool
    said: str


def judged(samples):
    """The samples that are judged. `samples`: (seconds, {figure: value}) in their order."""
    return samples[len(samples) // 3:]


def verdict_of(figure, rule, samples):
    points = [(at, values[figure]) for at, values in samples]
    level = statistics.median(value for _at, value in points)
    growth = slope(points) * (points[-1][0] - points[0][0])
    bound = max(rule.share * level, rule.least)
    by = MIB if rule.unit == "MiB" else 1
    return Verdict(figure, growth <= bound,
                   f"{level / by:10.1f} {rule.unit:<3} {growth / by:+10.2f}, at most "
                   f"{bound / by:.2f}")


def verdict_per_event(figure, samples):
    middle = len(samples) // 2
    (early, early_events), (late, late_events) = (
        (part[-1][1][figure] - part[0][1][figure],
         max(1, part[-1][1]["events"] - part[0][1]["events"]))
        for part in (samples[:middle + 1], samples[middle:]))
    expected = early / early_events * (1 + PER_EVENT_SHARE) * late_events
    return Verdict(figure, late <= expected + MIB,
                   f"{early / early_events:10.0f} and then {late / late_events:.0f} bytes an event")


def verdicts(samples):
    """One for each figure. Requires: at least SAMPLES_MIN samples."""
    last = judged(samples)
    for figure, rule in RULES.items():
        yield verdict_of(figure, rule, last)
    for figure in PER_EVENT:
        yield verdict_per_event(figure, last)
