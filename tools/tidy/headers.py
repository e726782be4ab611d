"""Compiles each header alone, so that an include order is never needed. Only what changed.

A header that a built file includes before anything else was compiled alone with that file.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
FIRST_INCLUDE = re.compile(r'^\s*#\s*include\s*(\S+)', re.M)
OUTPUT = re.compile(r" -o (\S+)")


def commands_of(build):
    file = pathlib.Path(build) / "compile_commands.json"
    return json.loads(file.read_text()) if file.exists() else []


def built_alone(build, commands):
    """What the first line of a file that was built includes."""
    for entry in commands:
        file = pathlib.Path(entry["file"])
        output = OUTPUT.search(entry["command"])
        if not (output and (pathlib.Path(build) / output.group(1)).is_file() and file.is_file()):
            continue
        first = FIRST_INCLUDE.search(file.read_text(encoding="utf-8"))
        if first and "-include" not in entry["command"].replace("-include utility", ""):
            yield first.group(1).strip('"')


def flags_of(commands):
    """The language and include flags of the tree."""
    flags = ["-std=c++20"]
    for entry in commands:
        for word in shlex.split(entry["command"]):
            if word.startswith(("-I", "-D")) and not word.startswith("-DCARELINE_"):
                flags.append(word)
    return list(dict.fromkeys(flags))


def digest(root, name, known):
    """Over the header and all of ours that it reaches, so that a change below is seen."""
    if name in known:
        return known[name]
    known[name] = ""  # a circle adds nothing
    text = (root / name).read_text(encoding="utf-8")
    total = hashlib.sha256(text.encode())
    for target in INCLUDE.findall(text):
        if (root / target).is_file():
            total.update(digest(root, target, known).encode())
    known[name] = total.hexdigest()
    return known[name]


def compiles(root, name, flags):
    compiler = os.environ.get("CXX", "c++")
    # As these are built: Boost.Beast 1.74 does not include it.
    source = f'#include <utility>\n#include "{name}"\n' if name.startswith("gateway/http/") \
        else f'#include "{name}"\n'
    done = subprocess.run(
        [compiler, "-x", "c++", "-fsyntax-only", "-w", f"-I{root}", *flags, "-"],
        input=source, text=True, capture_output=True, cwd=root)
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.split("\n") if " error: " in line]
    return errors[0] if errors else done.stderr.strip().split("\n")[0]


def check(root, names, build):
    commands = commands_of(build)
    flags = flags_of(commands)
    names = sorted(set(names) - set(built_alone(build, commands)))
    cache_file = pathlib.Path(build) / "headers_alone.json"
    try:
        cache = json.loads(cache_file.read_text())
    except (OSError, ValueError):
        cache = {}
    known = {}
    salt = hashlib.sha256(" ".join(flags).encode()).hexdigest()[:16]
    keys = {name: salt + digest(root, name, known) for name in names}
    changed = [name for name in names if cache.get(name) != keys[name]]
    found = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, error in zip(changed, pool.map(lambda n: compiles(root, n, flags), changed)):
            if error:
                found.append((name, 1, f"does not compile alone: include what it uses ({error})"))
            else:
                cache[name] = keys[name]
    cache_file.write_text(json.dumps({n: k for n, k in cache.items() if n in keys}))
    return found
