"""Breaks lines that are too long, and only those: the rest stays as its writer left it."""
import subprocess

import rules


def long_lines(root, texts, wanted):
    for name, text in texts.items():
        if not name.endswith((".cpp", ".hpp")) or (wanted and name not in wanted):
            continue
        long = [number for number, line in enumerate(text.split("\n"), 1)
                if len(line) > rules.COLUMNS_MAX]
        if long:
            ranges = [f"--lines={number}:{number}" for number in long]
            subprocess.run(["clang-format", "-i", *ranges, name], cwd=root, check=True)
