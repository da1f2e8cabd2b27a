"""The project's English: phrases that read as translated, and what to write instead.

Searched are the documents, and the docstrings, comments, help and messages of the engine, of the
assignment and of what is handed out. To forbid another phrase, add it to `PHRASES`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

AS_IT_IS = "(?:is|are|was|were|does|should|stands)"

PHRASES = {
    r"\bmend(?:s|ed|ing)?\b": "fix, correct",
    r"\b(?:to|can|cannot|could|must) be had\b": "available, unavailable",
    r"(?<!\bthere )\bis no (?!longer\b|more\b)": "is not a",
    r"\b(?:go|goes|going|went) free\b": "is not caught",
    r"\bstaff (?:is|has|was)\b": "staff are, staff have",
    r"\btakes? (?:the|this) way\b": "runs the same pipeline",
    r"\bat one blow\b": "all at once",
    r"\bon any day\b": "at any time",
    r"\ban own\b": "of its own",
    r"\b(?:of|none of) ours\b": "our, built-in",
    r"\btells? hints\b": "shows hints",
    r"\bcom(?:e|es|ing) of\b(?! age)": "come from",
    r"\bexactly so\b": "exactly like this",
    r"\breplace (?:the|your|its|an?|that|this)\b[\w' ]{1,40} by\b": "replace ... with",
    # "where" for "if"
    r"\b(?:\w+Error|None|False|none|nothing|empty|[0-9]|only|raises|also) where\b": "if",
    r"\bwhere (?:it|that|they|one) (?:fails?|die[sd]|refused|gives?|cannot|may|holds|is to)\b": "if",
    r"\bwhere (?:there (?:is|are)|nothing|no \w+ (?:is|can)|forking)\b": "if",
    r"\bwhere (?:the|an?) (?:system|kernel|assignment|reference|student|grader|mistake)\b": "if",
    # "as" for "because"
    rf", as (?:it|they|there|nothing|nobody|everybody|its|not every)\b(?! {AS_IT_IS})": "because",
}

# Files in which such phrases are still to be replaced. The list only ever gets shorter.
UNCLEANED: set[str] = set()


def searched(repository: Path) -> list[Path]:
    patterns = (
        *("README.md", "handout/*.md", "handout/*.py", "reference/*.py", "testcases/*.yaml"),
        *("autograder/**/*.py", "autograder/**/*.md", "autograder/**/*.sh"),
    )
    tests = repository / "autograder" / "tests"
    paths = {path for pattern in patterns for path in repository.glob(pattern)}
    return sorted(path for path in paths if tests not in path.parents)


def prose_of(path: Path) -> str:
    """The text of a file on one line, with what was split over several lines put together."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = re.sub(r"[\"']\n\s*[rbf]*[\"']", "", text)
    return " ".join(re.sub(r"\n\s*#", " ", text).split())


def offences(text: str) -> list[str]:
    return [
        f"... {text[max(0, match.start() - 40) : match.end() + 30]} ...  (write: {better})"
        for phrase, better in PHRASES.items()
        for match in re.finditer(phrase, text, re.IGNORECASE)
    ]


def test_no_text_reads_as_translated(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository).as_posix()}: {offence}"
        for path in searched(repository)
        if path.relative_to(repository).as_posix() not in UNCLEANED
        for offence in offences(prose_of(path))
    ]
    assert not found, "\n" + "\n".join(found)


def test_a_file_that_has_been_cleaned_is_taken_off_the_list(repository: Path) -> None:
    unclean = {
        path.relative_to(repository).as_posix()
        for path in searched(repository)
        if offences(prose_of(path))
    }
    assert sorted(UNCLEANED - unclean) == [], "take these off the list"


@pytest.mark.parametrize(
    "text",
    [
        "Raises UsageError where there is none.",
        "a wall that is not to be had",
        "this is no results.json",
        'f"mend it, "\n    "or else"',
        "# stopped, as its\n# process ended",
        "a failure that comes of another one",
        "Replace the placeholder by your code.",
        "Rename it to softmax, spelled exactly so.",
    ],
)
def test_what_reads_as_translated_is_found(text: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    assert offences(prose_of(path))


@pytest.mark.parametrize(
    "text",
    [
        "There is no case file here; say where yours is.",
        "It is no longer there, as it should be.",
        "We recommend an amendment.",
        "an array where a single number was expected",
        "a uid of its own",
    ],
)
def test_good_english_is_left_alone(text: str) -> None:
    assert offences(text) == []
