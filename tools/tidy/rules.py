"""The rules of one file, as tables. A rule yields (file, line, sentence)."""
import fnmatch
import re

CODE = (".cpp", ".hpp", ".py", ".ts", ".vue", ".mjs", ".sh", ".cmake")
LINES_MAX = 500
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 60

# Who may include whom: the first pattern that fits a file says which folders it may reach.
# Floors: messages < store, actors (models) < actors (shell), gateway < tools.
MODEL = ("messages/", "actors/")
SHELL = ("actors/", "store/", "messages/")
FLOORS = [
    ("messages/*", ("messages/",)),
    ("store/*", ("store/", "messages/")),
    ("actors/kernel/turn*", MODEL),
    ("actors/kernel/intake*", MODEL),
    ("actors/kernel/virtual*", MODEL),
    ("actors/kernel/capability*", MODEL),
    ("actors/kernel/*", SHELL),
    ("actors/*/actor*", SHELL),
    ("actors/*", MODEL),
    ("gateway/*", ("gateway/", "messages/")),
    ("tools/*", ("tools/", "actors/", "gateway/", "store/", "messages/")),
]

# Where a third-party library lives: include prefix -> files that may name it.
HOMES = [
    ("msgpack", ("messages/codec.cpp",), "messages/codec.hpp"),
    ("lmdb.h", ("store/lmdb/*", "store/keys/*", "tests/bench/*"),
     "store/event_log.hpp"),
    ("sodium", ("store/*",), "store/ (hashes, keys)"),
    ("caf/", ("actors/kernel/caf_*", "actors/*/actor*"), "actors/kernel/caf_*"),
    ("zmq", ("gateway/bus/*", "tests/*"), "gateway/bus"),
    ("boost/beast", ("gateway/http/*", "tests/*"), "gateway/http"),
    ("boost/asio", ("gateway/http/*", "tests/*"), "gateway/http"),
    ("openssl/", ("gateway/http/*",), "gateway/http"),
    ("boost/math", ("actors/workforce/staffing.cpp", "tools/careline/comparison.cpp"),
     "actors/workforce/staffing.hpp, tools/careline/comparison.hpp"),
    ("prometheus/", ("gateway/http/*", "tools/careline/*"), "tools/careline/metrics.hpp"),
    ("nlohmann/", ("messages/json.cpp", "tests/*"), "messages/json.hpp"),
    ("CLI/", ("tools/*",), "tools/careline"),
    ("toml++/", ("tools/*",), "tools/careline"),
    ("systemd/", ("tools/careline/service_manager.cpp",), "tools/careline/service_manager.hpp"),
    ("spdlog/", ("tools/*",), "tools/careline"),
    ("date/", ("tools/*",), "tools/careline"),
    ("rapidcheck", ("tests/*",), "tests/"),
    ("catch2/", ("tests/*",), "tests/"),
]

# (pattern, files it holds for, files that are let off, what to write instead)
CLOCKS = ("actors/kernel/engine_clock.*", "actors/kernel/caf_*", "tools/*", "tests/bench/*")
BANNED = [
    (r"::now\s*\(", ("*.cpp", "*.hpp"), CLOCKS, "time is data: take `now` as an argument"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(|\btime\.sleep\s*\(|\bsleep\s*\(",
     ("tests/*.cpp", "tests/*.hpp", "tests/*.py"), (),
     "a test never sleeps: wait for the thing itself (a reply, an event, a line of output)"),
    (r"\bsleep\s*\(|\bawait\s+(?:new\s+Promise\b.*\b)?setTimeout\b|timers/promises",
     ("tests/*.mjs",), (),
     "a test never sleeps: wait for the thing itself; a deadline is setTimeout(…).unref()"),
    (r"(?:^|[;&|]|\b(?:do|then|else))\s*sleep\s", ("tests/*.sh", "tests/*/run", "tests/run"), (),
     "a test never sleeps: wait for the thing itself (a line of output, a file, a process)"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(",
     ("messages/*", "store/*", "actors/*", "gateway/*"), (), "wait on a condition with a deadline"),
    (r"\bs?rand\s*\(|\bstd::(mt19937|default_random_engine)", ("*.cpp", "*.hpp"),
     ("tests/*", "tools/careline/*"), "randomness is handed in, drawn from the log's seed"),
    (r"\busing\s+namespace\s+std\s*;", ("*.cpp", "*.hpp"), (), "name what is used: std::vector"),
    (r"^(?!.*(?:_ptr|reset)).*?(?<![\w.:>])new\s+[A-Za-z_:]+[\w:<>, ]*[({\[;]",
     ("*.cpp", "*.hpp"), (), "std::make_unique, or a value"),
    (r"(?<![\w.])delete\s+[A-Za-z_]", ("*.cpp", "*.hpp"), (), "let an owner go out of scope"),
    (r"\b(TODO|FIXME|XXX)\b", ("*",), ("tools/tidy/*",),
     "finish it, or leave it out and say so in docs/"),
    (r"\b(assert)\s*\(", ("*.cpp", "*.hpp"), ("tests/*",), "a check that is on in release too"),
]
# Words that belong to a builder's machine, not to the product.
FOREIGN = [
    (r"(?<![\w.$}])/(root|work|home/\w+)/", "a path from the project's root"),
    (r"(?<![\w.$}])/tmp/", "std::filesystem::temp_directory_path(), mktemp or tempfile"),
    (r"https?://(registry\.|deb\.debian|[\w.-]*proxy)",
     "no registry's address: the client's own default"),
]
FOREIGN_EXEMPT = ("tools/tidy/*", "*package-lock.json")

FUNCTION_START = re.compile(
    r"^(?!\s*(?:if|else|for|while|switch|do|namespace|class|struct|enum|union|extern|return"
    r"|case)\b)"
    r".*\)\s*(?:const|noexcept|override|final|mutable|->\s*[\w:<>,&* ]+|\s)*(?::\s.*)?\{\s*$")
STRING_OR_COMMENT = re.compile(
    r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z])\'(?:\\.|[^\'\\\n])+\''
    r'|//[^\n]*|/\*.*?\*/', re.S)


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def blanked(text, keep_strings=False):
    """The code with comments (and strings) as spaces, so that lines keep their numbers."""
    def blank(found):
        word = found.group(0)
        if keep_strings and not word.startswith("/"):
            return word
        return re.sub(r"[^\n]", " ", word)
    return STRING_OR_COMMENT.sub(blank, text)


def check_file(name, text):
    yield from check_form(name, text)
    if name.endswith((".cpp", ".hpp")):
        yield from check_includes(name, text)
        yield from check_functions(name, blanked(text))
    if name.endswith(".py"):
        yield from check_python_functions(name, text)
    yield from check_words(name, text)


def check_form(name, text):
    lines = text.split("\n")
    base = name.rsplit("/", 1)[-1]
    is_code = name.endswith(CODE) or "." not in base or base == "CMakeLists.txt"
    generated = name.endswith(("package-lock.json", ".hex", ".csv", ".svg"))
    if generated:
        return
    if is_code and len(lines) - 1 > LINES_MAX:
        yield name, LINES_MAX + 1, f"{len(lines) - 1} lines: divide it, at most {LINES_MAX} a file"
    for number, line in enumerate(lines, 1):
        if is_code and len(line) > COLUMNS_MAX:
            yield name, number, f"{len(line)} columns: break the line, at most {COLUMNS_MAX}"
        if line != line.rstrip():
            yield name, number, "spaces at the end: take them away"
        if "\t" in line and is_code:
            yield name, number, "a tab: use spaces"
    if text and not text.endswith("\n"):
        yield name, len(lines), "no line end at the end: add one"
    if name.endswith(".hpp") and "#pragma once" not in text:
        yield name, 1, "a header without guard: begin with #pragma once"
    if name.endswith(".md") and not text.startswith("# "):
        yield name, 1, "a page without its name: begin with # and the heading"


def check_includes(name, text):
    for number, line in enumerate(blanked(text, keep_strings=True).split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        quote, target = found.groups()
        if quote == '"':
            yield from check_floor(name, number, target)
        for prefix, home, instead in HOMES:
            if target.startswith(prefix) and not matches(name, home):
                yield name, number, f"<{target}> is at home in {home[0]}: include {instead} instead"


def check_floor(name, number, target):
    if name.startswith("tests/"):
        return  # a test stands beside its fixtures and may see every floor
    if "/" not in target or target.startswith("."):
        yield name, number, f'"{target}": write the path from the project\'s root'
        return
    allowed = floor_of(name)
    if allowed is None:
        return
    if not target.startswith(allowed):
        yield (name, number, f'"{target}" is on a floor that this file does not see, only '
               f"{', '.join(allowed)}: put what both need into messages/")
    elif allowed == MODEL and floor_of(target) == SHELL:
        yield name, number, f'"{target}" is a shell: a model includes only models and messages/'


def floor_of(name):
    return next((floor for pattern, floor in FLOORS if fnmatch.fnmatch(name, pattern)), None)


def check_functions(name, code):
    lines = code.split("\n")
    number = 0
    while number < len(lines):
        if FUNCTION_START.match(lines[number]) and not lines[number].lstrip().startswith("#"):
            end = end_of_block(lines, number)
            length = end - number + 1
            if length > FUNCTION_LINES_MAX:
                yield (name, number + 1, f"a function of {length} lines: divide it, at most "
                       f"{FUNCTION_LINES_MAX}")
                number = end
        number += 1


def end_of_block(lines, start):
    depth = 0
    for number in range(start, len(lines)):
        depth += lines[number].count("{") - lines[number].count("}")
        if depth <= 0:
            return number
    return len(lines) - 1


def check_python_functions(name, text):
    lines = text.split("\n")
    for start, line in enumerate(lines):
        found = re.match(r"(\s*)(?:async )?def \w+", line)
        if not found:
            continue
        indent = len(found.group(1))
        last = start
        for number in range(start + 1, len(lines)):
            stripped = lines[number].strip()
            if stripped and len(lines[number]) - len(lines[number].lstrip()) <= indent \
                    and not stripped.startswith(")"):
                break
            last = number if stripped else last
        if last - start + 1 > FUNCTION_LINES_MAX:
            yield (name, start + 1, f"a function of {last - start + 1} lines: divide it, at most "
                   f"{FUNCTION_LINES_MAX}")


def check_words(name, text):
    is_cpp = name.endswith((".cpp", ".hpp"))
    code_lines = (blanked(text) if is_cpp else text).split("\n")
    for number, (code, raw) in enumerate(zip(code_lines, text.split("\n")), 1):
        for pattern, files, let_off, instead in BANNED:
            if not matches(name, files) or matches(name, let_off):
                continue
            found = re.search(pattern, raw if "TODO" in pattern else code)
            if found:
                yield name, number, f"`{found.group(0).strip()[:60]}` is not used here: {instead}"
        if matches(name, FOREIGN_EXEMPT):
            continue
        for pattern, instead in FOREIGN:
            found = re.search(pattern, raw)
            if found:
                yield name, number, f"`{found.group(0)}` is of somebody's machine: {instead}"


def check_tests_in_targets(texts):
    """Each *_test.cpp must be in a folder that tests/CMakeLists.txt makes a program of."""
    cmake = texts.get("tests/CMakeLists.txt", "")
    folders = set(re.findall(r"^careline_tests\((\w+)", cmake, re.M))
    for name in texts:
        if name.startswith("tests/tidy/") or not name.endswith("_test.cpp"):
            continue
        parts = name.split("/")
        if parts[0] != "tests" or len(parts) != 3 or parts[1] not in folders:
            yield (name, 1, "this test is in no program: move it into tests/<folder>/ with a line "
                   "careline_tests(<folder> …) in tests/CMakeLists.txt")
