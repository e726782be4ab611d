#!/usr/bin/env python3
"""Keeps the house: floors, homes of libraries, sizes, banned calls, headers that compile alone.

    tools/tidy/tidy.py [--root DIR] [--headers BUILD_DIR] [--map] [--mend [FILE...]]

Prints `file:line: sentence with what to write instead` and exits with 1 when there is anything.
Runs as a test; its own test is tools/tidy/tidy_test.py.
"""
import argparse
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import guide_map  # noqa: E402
import headers  # noqa: E402
import mend  # noqa: E402
import named_tests  # noqa: E402
import rules  # noqa: E402


def tracked_files(root):
    """What git knows or would take; everything below `root` where it is no clone."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    kept = [name for name in names if not name.startswith(("build/", ".git/"))
            and "node_modules/" not in name and (root / name).is_file()]
    return sorted(set(kept))


def read(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Keeps the house.")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--headers", metavar="BUILD_DIR", help="also compile each header alone")
    parser.add_argument("--map", action="store_true", help="write docs/guide-map.md anew")
    parser.add_argument("--mend", nargs="*", metavar="FILE",
                        help="let clang-format break the long lines of these C++ files (or all)")
    options = parser.parse_args(arguments)
    root = pathlib.Path(options.root).resolve()

    names = tracked_files(root)
    texts = {name: read(root / name) for name in names}
    texts = {name: text for name, text in texts.items() if text is not None}
    if options.map:
        (root / guide_map.PAGE).write_text(guide_map.page(texts), encoding="utf-8")
        return 0

    if options.mend is not None:
        mend.long_lines(root, texts, options.mend)
        return 0

    found = []
    for name, text in texts.items():
        found += rules.check_file(name, text)
    found += rules.check_tests_in_targets(texts)
    found += guide_map.check(texts)
    found += named_tests.check(texts)
    if options.headers:
        found += headers.check(root, [n for n in names if n.endswith(".hpp")], options.headers)
    for name, line, sentence in sorted(found):
        print(f"{name}:{line}: {sentence}")
    print(f"tidy: {len(texts)} files, {len(found)} to mend", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
