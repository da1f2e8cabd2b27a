"""The page that shows results.json as Gradescope would, read as text and in a real browser."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.preview import VIEWS, page
from autograder.tests.browser import browse, find_browser
from autograder.tests.conftest import RunInProcess

FORMATS = ["text", "html", "simple_format", "md", "ansi"]


@pytest.fixture(scope="module")
def every_format(repository: Path) -> dict[str, Any]:
    path = repository / "autograder" / "tests" / "every_format.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


class Dangers(HTMLParser):
    """What could run or load in a page, and whether its tags are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "link", "base", "form", "svg"):
            self.found.append(tag)
        for name, value in attrs:
            allowed = tag == "a" and name == "href" and (value or "").startswith("http")
            if name.startswith("on") or (name in ("src", "href", "style") and not allowed):
                self.found.append(f"{tag} {name}={value}")
        if tag not in ("br", "hr", "meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.found.append(f"</{tag}> out of place")


def dangers_in(html: str) -> list[str]:
    reader = Dangers()
    reader.feed(html)
    reader.close()
    return reader.found + reader.open


def test_a_page_loads_and_runs_nothing(every_format: dict[str, Any]) -> None:
    html = page(every_format, "every format")
    assert dangers_in(html) == []
    assert "default-src 'none'" in html
    assert "<img" not in html
    assert "&lt;img src=&#x27;http://example.invalid" in html  # as text


PIECES = [
    *("<b>", "</b>", "<", ">", "&lt;", "&#60;b", "<p", " style=x", "</div></details>", "</script"),
    *("<script>", "<img onerror=x src=y>", "<a href='javascript:x'>", "\x1b[31m", "\x1b]0;x\x07"),
    *("```", "**", "`", "# ", "\n- a", "\n\n", "[a](http://x)", '[a](http://x"onclick=1)'),
]
MARKUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)


@given(text=MARKUP, text_format=st.sampled_from([*FORMATS, "unknown"]))
def test_no_text_breaks_out_of_its_place(text: str, text_format: str) -> None:
    test = {"name": text, "output": text, "output_format": text_format, "name_format": text}
    html = page({"tests": [{**test, "tags": [text]}], "output": text}, text)
    assert dangers_in(html) == []
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202e]", html)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = ["score", "max_score", "status", "name", "name_format", "number", "output", "output_format"]
KEYS += ["tags", "visibility", "extra_data", "leaderboard", "value", "execution_time"]


@given(
    results=st.dictionaries(st.sampled_from(KEYS), ANYTHING),
    tests=st.lists(st.dictionaries(st.sampled_from(KEYS), ANYTHING) | ANYTHING, max_size=3)
    | ANYTHING,
)
def test_whatever_stands_in_the_file_makes_a_page(results: dict[str, Any], tests: Any) -> None:
    html = page({**results, "tests": tests}, "anything")
    assert dangers_in(html) == []
    html.encode("utf-8")


def test_results_without_score_and_tests_are_shown_as_a_failure() -> None:
    html = page({"output": "Not graded.", "output_format": "text"}, "-")
    assert "The autograder failed to execute correctly." in html
    assert "Not graded." in html


# In a browser. -----------------------------------------------------------------------------------


def found_in_browser(html: str, script: str, folder: Path, *options: str) -> Any:
    """What our own script, let through, has put into `found` in a browser."""
    browser = find_browser()
    if browser is None:
        pytest.skip("there is no Chromium here")
    told = 'document.body.textContent = "@@" + JSON.stringify(found) + "@@";'
    html = re.sub(r"<meta http-equiv=[^\n]+\n", "", html)
    path = folder / "page.html"
    path.write_text(html.replace("</body>", f"<script>{script}{told}</script></body>"), "utf-8")
    dom = browse(browser, path, "--dump-dom", *options)
    return json.loads(unescape(dom.split("@@")[1]))


@pytest.fixture(scope="module")
def seen(every_format: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By view, the text that a browser shows."""
    script = """
        const found = {};
        for (const label of document.querySelectorAll("label")) {
            label.click();
            found[label.htmlFor] = document.querySelector(".columns").innerText;
        }
    """
    html = page(every_format, "every format")
    texts: dict[str, str] = found_in_browser(html, script, tmp_path_factory.mktemp("page"))
    assert set(texts) == {view.key for view in VIEWS}
    return texts


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("before", []),
        ("after", ["2.2"]),
        ("published", ["2.2", "2.3"]),
        ("staff", ["2.1", "2.2", "2.3"]),
    ],
)
def test_each_viewer_sees_the_tests_meant_for_them(
    view: str, shown: list[str], seen: dict[str, str]
) -> None:
    text = seen[view]
    for number in ("2.1", "2.2", "2.3"):
        assert (f"{number}) " in text) == (number in shown)
    assert ("secret" in text) == (view == "staff")
    assert "Late penalty" in text
    assert ("uid+landlock+seccomp" in text) == (view == "staff")


def test_students_see_no_total_while_a_test_is_hidden(seen: dict[str, str]) -> None:
    for view in ("before", "after", "published"):
        assert "No total is shown" in seen[view]
        assert "12.5 / 35" not in seen[view]
    assert "12.5 / 35.0" in seen["staff"]
    assert "No total" not in seen["staff"]


def test_texts_are_plain_and_say_so_if_gradescope_shows_them_otherwise(
    seen: dict[str, str],
) -> None:
    text = seen["before"]
    assert "<b>not bold</b> & \\u202e more\n  kept   spaces" in text
    for shown_as in ("html", "md", "ansi", "simple_format"):
        assert f"Gradescope shows it as {shown_as}." in text
    assert "Gradescope shows it as text" not in text
    assert "\\x1b[" in text


WIDE = """\
A sentence that is far longer than a telephone is wide, so that it must be shown on several lines.

    A = np.array([[0.123456789, 0.123456789, 0.123456789], [0.123456789, 0.123456789, 0.123456789]])

    [ 0.123456789  0.123456789  0.123456789]   [ 0.123456789*  0.123456789*  0.123456789*]
The end."""


def test_on_a_telephone_only_tables_and_code_scroll_sideways(tmp_path: Path) -> None:
    test = {"score": 0, "max_score": 1, "output": WIDE, "tags": ["one tag", "another tag"]}
    name = "A long name of a test that goes on and on: forward"
    results = {"tests": [{**test, "name": name, "number": "1.1"}]}
    script = """
        const all = (what) => [...document.querySelectorAll(what)];
        const heading = document.querySelector("summary h2").getBoundingClientRect();
        const card = document.querySelector("summary").getBoundingClientRect();
        const found = {
            width: innerWidth,
            page: document.documentElement.scrollWidth,
            scroll: all("pre span").map((block) => block.scrollWidth > block.clientWidth),
            text: document.querySelector("pre").innerText,
            below: heading.top - card.top,
            beside: heading.left - card.left,
        };
    """
    html = page(results, "narrow").replace("<body>", "<body style='width: 390px'>")
    found = found_in_browser(html, script, tmp_path, "--window-size=390,800")
    assert found["page"] <= max(found["width"], 390)
    assert found["scroll"] == [False, True, False, True, False]
    assert found["text"].split() == WIDE.split()
    assert found["below"] < 5
    assert 5 < found["beside"] < 40


# The command. ------------------------------------------------------------------------------------


def test_the_command_writes_the_page_where_it_is_told(
    run_in_process: RunInProcess, repository: Path, tmp_path: Path
) -> None:
    results = repository / "autograder" / "tests" / "every_format.json"
    done = run_in_process("preview", results, "--out", tmp_path / "page.html")
    assert (done.status, done.err) == (0, "")
    assert done.out.strip() == str(tmp_path / "page.html")
    assert "Markdown" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot read"), ("{", "is not JSON"), ("[1]", "expected a mapping")],
)
def test_the_command_tells_what_is_wrong_with_the_file(
    content: str | None, words: str, run_in_process: RunInProcess, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    done = run_in_process("preview", path, "--out", tmp_path / "page.html")
    assert done.status == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "page.html").exists()
