"""Pages that name tests by their titles: each is there."""
import re

PAGES = ("docs/complaints.md",)
TITLE = re.compile(r'"([^"\n]+)"')


def check(texts):
    tests = "\n".join(text for name, text in texts.items() if name.startswith("tests/"))
    for page in PAGES:
        for number, line in enumerate(texts.get(page, "").splitlines(), 1):
            for title in TITLE.findall(line):
                if f'"{title}"' not in tests:
                    yield page, number, f'names the test "{title}", which is not there'
