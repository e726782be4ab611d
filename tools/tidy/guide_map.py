"""docs/guide-map.md: which code and which tests stand for a requirement of the guide.

Generated from `R1.2.3` in comments of the code and `[R1.2.3]` tags of the tests; tidy compares.
"""
import re

PAGE = "docs/guide-map.md"
HEAD = """# Requirements, code, tests

The guide's requirements that this engine meets so far: the files that say so and the tests that
would fail without it. Written by `tools/tidy/tidy.py --map` out of the comments and the tags of the
tests; a requirement that is not here is not built.

| requirement | code | proved by |
|---|---|---|
"""
MENTION = re.compile(r"\bR\d+\.\d+(?:\.\d+[a-z]?)?\b")
TAG = re.compile(r"\[(R\d+\.\d+(?:\.\d+[a-z]?)?)\]")
CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:\\.|[^"\\])*"\s*)+),\s*((?:"[^"]*"\s*)+)\)')


def order(requirement):
    """By its numbers; those of one number by the letter behind it."""
    numbers = [int(part) for part in re.findall(r"\d+", requirement)]
    return numbers, requirement


def entries(texts):
    code, tests = {}, {}
    for name, text in sorted(texts.items()):
        if name.startswith("tests/"):
            if name.endswith(".cpp"):
                for title, tags in CASE.findall(text):
                    title = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', title))
                    for tag in TAG.findall(tags):
                        tests.setdefault(tag, []).append((name, title))
            else:
                for tag in dict.fromkeys(TAG.findall(text)):
                    tests.setdefault(tag, []).append((name, ""))
        elif name.startswith(("messages/", "store/", "actors/", "gateway/", "tools/careline/")):
            for mention in MENTION.findall(text):
                if name not in code.setdefault(mention, []):
                    code[mention].append(name)
    return code, tests


def page(texts):
    code, tests = entries(texts)
    rows = []
    for requirement in sorted(set(code) | set(tests), key=order):
        files = "<br>".join(f"`{name}`" for name in code.get(requirement, []))
        proofs = "<br>".join(f"`{name}`" + (f": {title}" if title else "")
                             for name, title in dict.fromkeys(tests.get(requirement, [])))
        rows.append(f"| {requirement} | {files} | {proofs or '–'} |\n")
    return HEAD + "".join(rows)


def check(texts):
    if PAGE in texts and texts[PAGE] != page(texts):
        yield PAGE, 1, "differs from the code's and tests' tags: run tools/tidy/tidy.py --map"
