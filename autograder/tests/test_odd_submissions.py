"""Submissions from everyday tools and mistakes: odd names, other kinds of files, several files."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.formats.members import tidy
from autograder.formats.submission import (
    Submission,
    SubmissionError,
    collect_submission,
    read_submission,
)
from autograder.formats.zip_members import zip_members
from autograder.tests.test_submission import (
    CODE,
    OTHER,
    GradePath,
    assert_full_marks,
    grade_path,
    refusal,
    solution,
    taken,
    write_tree,
    write_zip,
)

__all__ = ["grade_path", "solution"]  # fixtures

needs_posix = pytest.mark.skipif(os.name != "posix", reason="no such names here")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_members_that_can_be_expanded_piece_by_piece_are_read(
    tmp_path: Path, method: int
) -> None:
    path = write_zip(tmp_path / "work.zip", {"loss.py": CODE + b"#" * 30_000_000}, method)
    tracemalloc.start()
    text = refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "loss.py is compressed by a method that is not read" in text
    assert "deflate" in text
    assert peak < 20_000_000
    beside = write_zip(tmp_path / "beside.zip", {"loss.py": CODE})
    with zipfile.ZipFile(beside, "a", method) as archive:
        archive.writestr("other.py", OTHER)
    assert taken(beside) == ("loss.py", {"loss.py": CODE})


# Names as other systems write them.

ORDINARY = {
    "./loss.py": "loss.py",
    "././hw/./loss.py": "hw/loss.py",
    "hw//loss.py": "hw/loss.py",
    "hw\\loss.py": "hw/loss.py",
    ".\\hw\\loss.py": "hw/loss.py",
    "HW 3: final/loss.py": "HW 3: final/loss.py",
    "A: first try/loss.py": "A: first try/loss.py",
    "hw/../loss.py": "loss.py",
}


@pytest.mark.parametrize("name", ORDINARY)
def test_names_of_ordinary_tools_are_put_right(
    tmp_path: Path, grade_path: GradePath, solution: str, name: str
) -> None:
    path = write_zip(tmp_path / "work.zip", {name: solution.encode()})
    place = ORDINARY[name]
    assert taken(path) == (place, {place: solution.encode()})
    assert_full_marks(grade_path(path))


@needs_posix
@pytest.mark.parametrize("name", ["hw\\loss.py", ".\\loss.py", "HW 3: final/loss.py"])
def test_a_folder_may_hold_what_a_platform_unpacked_under_such_names(
    tmp_path: Path, grade_path: GradePath, solution: str, name: str
) -> None:
    path = write_tree(tmp_path / "work", {name: solution.encode()})
    place = name.replace("\\", "/").removeprefix("./")
    # A name that begins with a dot in the file system is one of those that begin so in the zip.
    assert taken(path) == (place, {place: solution.encode()})
    assert_full_marks(grade_path(path))


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("課題3/loss.py".encode("cp932"), "課題3/loss.py"),
        ("ソース/loss.py".encode("cp932"), "ソース/loss.py"),  # a backslash is among its bytes
        ("表\\loss.py".encode("cp932"), "表/loss.py"),
        ("作业/loss.py".encode("gbk"), "作业/loss.py"),
        ("Übung für Größe/loss.py".encode("cp437"), "Übung für Größe/loss.py"),
        ("Menü\\loss.py".encode("cp437"), "Menü/loss.py"),
        ("課題/loss.py".encode(), "課題/loss.py"),  # without the flag that says so
    ],
)
def test_names_of_an_unknown_encoding_are_read(tmp_path: Path, raw: bytes, place: str) -> None:
    path = write_zip(tmp_path / "work.zip", {"#" * len(raw): CODE})
    path.write_bytes(path.read_bytes().replace(b"#" * len(raw), raw))
    assert taken(path) == (place, {place: CODE})
    if os.name == "posix":
        file = os.fsencode(tmp_path / "unpacked") + b"/" + raw
        os.makedirs(os.path.dirname(file))
        Path(os.fsdecode(file)).write_bytes(CODE)
        assert taken(tmp_path / "unpacked") == (place, {place: CODE})


@needs_posix
def test_a_file_whose_name_is_no_text_is_graded(
    tmp_path: Path, grade_path: GradePath, solution: str
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/l\x94sung.py"))
    path.write_text(solution, encoding="utf-8")
    assert taken(path)[0] == "lösung.py"
    assert_full_marks(grade_path(path))


def test_accents_apart_from_their_letters_make_no_other_name(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "lösung.py")
    path = write_zip(tmp_path / "work.zip", {apart: CODE})
    assert read_submission(path, ("lösung.py",)).sources == {"lösung.py": CODE}


def test_of_two_entries_at_one_place_the_last_counts(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "work.zip", {"hw/loss.py": OTHER})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("./hw/loss.py", CODE)
    assert taken(path) == ("hw/loss.py", {"hw/loss.py": CODE})


def test_what_was_left_out_is_told_with_the_reason(tmp_path: Path) -> None:
    text = refusal(write_zip(tmp_path / "alone.zip", {".hw/loss.py": CODE, "__MACOSX/a": b""}))
    assert ".hw (hidden" in text
    assert "MACOSX" not in text
    text = refusal(write_zip(tmp_path / "beside.zip", {"../loss.py": CODE, "notes.txt": b""}))
    assert "it holds notes.txt" in text
    assert "../loss.py (leads out" in text
    assert "__MACOSX (gen" in refusal(write_zip(tmp_path / "macos.zip", {"__MACOSX/a.py": CODE}))
    assert "iCloud" in refusal(write_tree(tmp_path / "cloud", {".loss.py.icloud": b"bplist00"}))


# Something else in place of the file.


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("hw/loss.py")
        info.size = len(CODE)
        archive.addfile(info, io.BytesIO(CODE))
    return buffer.getvalue()


NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "code", "source": ["x = 1"]}], "nbformat": 4}
).encode()
COPY, UNPACK, ITSELF = "Copy your code", "Unpack it", "the file loss.py itself"
NOT_PYTHON = {
    "notebook": (NOTEBOOK, "notebook", COPY),
    "indented notebook": (b"\xef\xbb\xbf \n" + NOTEBOOK, "notebook", COPY),
    "large notebook": (NOTEBOOK[:-1] + b" " * 2_000_000, "notebook", COPY),
    "zip": (zipped({"loss.py": CODE}), "a zip", UNPACK),
    "empty zip": (zipped({}), "a zip", UNPACK),
    "tar": (tarred(), "tar archive", UNPACK),
    "tar.gz": (gzip.compress(tarred()), "gzip", UNPACK),
    "bzip2": (bz2.compress(CODE), "bzip2", UNPACK),
    "xz": (lzma.compress(CODE), "xz", UNPACK),
    "rar": (b"Rar!\x1a\x07\x01\x00", "RAR", UNPACK),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "7z", UNPACK),
    "docx": (zipped({"[Content_Types].xml": b"", "word/a.xml": b""}), "word processor", COPY),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "word processor", COPY),
    "odt": (zipped({"mimetype": b"application/vnd.oasis"}), "word processor", COPY),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF", COPY),
    "rtf": (rb"{\rtf1\ansi\ansicpg1252", "RTF", COPY),
    "html": (b"\r\n<!DOCTYPE html>\n<html lang=en>", "web page", "Raw"),
    "xml": (b"<?xml version='1.0'?><plist>", "web page", "Raw"),
    "mhtml": (b"From: <Saved by Blink>\r\n", "web page", "Raw"),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0\0\0", "shortcut", ITSELF),
    "url": (b"[InternetShortcut]\r\nURL=", "shortcut", ITSELF),
    "git-lfs": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "Download"),
    "apple double": (b"\0\5\x16\7\0\2\0\0", "macOS", ITSELF),
    "compiled": (b"\xa7\r\r\n" + bytes(12) + b"\xe3\0", "compiled", ITSELF),
    "screenshot": (b"\x89PNG\r\n\x1a\n", "picture", COPY),
    "array": (b"\x93NUMPY\1\0", "data", ITSELF),
    "patch": (b"diff --git a/loss.py b/loss.py\n", "patch", ITSELF),
    "markdown": (b"```python\nx = 1\n```\n", "Markdown", COPY),
    "prompts": (b">>> import numpy as np\n", "prompts", COPY),
    "utf-16": ("x = 1\r\n".encode("utf-16"), "UTF-16", "UTF-8"),
    "utf-16 unmarked": ("x = 1\r\n".encode("utf-16-le"), "UTF-16", "UTF-8"),
    "utf-16 the other way": ("x = 1\r\n".encode("utf-16-be"), "UTF-16", "UTF-8"),
    "zeros": (bytes(4_096), "zero bytes", ITSELF),
}


@pytest.mark.parametrize("name", NOT_PYTHON)
def test_what_was_merely_renamed_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    content, what, advice = NOT_PYTHON[name]
    folder = write_tree(tmp_path / "work", {"hw/loss.py": content})
    packed = write_zip(tmp_path / "work.zip", {"loss.py": content})
    for path in (folder, folder / "hw" / "loss.py", packed):
        text = refusal(path)
        assert text.startswith("loss.py is ")
        assert what in text
        assert advice in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"<<<<<<< HEAD\n",
        b"{}\n",
        b"cells = {'nbformat': 4}\n",
        b"From: str = 'a'\n",
        b"Received: int = 1\n",
        b"the_ftyp = 1\n",
        b"MZ = 1\n",
        b"GIF89a_width = 1\n",
        b"PK = 1\n",
        b"BZh91 = 1\n",
        b"bplist00 = 1\n",
        b"ab-lh5-c\n",
        b"~~~1\n",
        b"#!/usr/bin/env python\n",
        b"# -*- coding: latin-1 -*-\n# \xe9\n",
        b'"""<html>"""\n',
        b"x = 1\0\n",
        b"\x0c\nx = 1\n",
        b"#" * 257 + b"ustar\n",
    ],
)
def test_what_may_be_python_is_left_to_python(tmp_path: Path, content: bytes) -> None:
    path = write_tree(tmp_path, {"loss.py": content})
    assert taken(path) == ("loss.py", {"loss.py": content})


@pytest.mark.parametrize(
    ("kind", "words"), [("rar", "RAR"), ("7z", "7z"), ("tar", "tar"), ("tar.gz", "gzip")]
)
def test_another_archive_called_a_zip_is_told(tmp_path: Path, kind: str, words: str) -> None:
    (tmp_path / "work.ZIP").write_bytes(NOT_PYTHON[kind][0])
    assert words in refusal(tmp_path / "work.ZIP")


SIMILAR = [
    (["Loss.py"], ["Rename Loss.py to loss.py", "capital letters"]),
    (["loss.py "], ['Rename "loss.py " to loss.py', "spaces"]),
    (["hw/ loss.py"], ['"hw/ loss.py"', "spaces"]),
    (["loss .py"], ["Rename loss .py to loss.py", "spaces"]),
    (["\u200bloss.py"], ["\\u200bloss.py"]),
    (["ｌｏｓｓ.py"], ["Rename ｌｏｓｓ.py to loss.py"]),  # noqa: RUF001 - full width
    (["a/LOSS.py", "b/Loss.py"], ["Rename a/LOSS.py or b/Loss.py"]),
    (["loss.py.txt"], ["Rename loss.py.txt to loss.py", "extensions"]),
    (["loss.py~", "notes.txt"], ["Rename loss.py~ to loss.py"]),
    (["loss (1).py"], ["If loss (1).py is your file, rename it"]),
    (["loss (1).py", "loss (2).py"], ["If loss (1).py or loss (2).py is"]),
    (["Copy of loss.py", "README.md"], ["If Copy of loss.py is"]),
    (["los.py", "utils.py"], ["If los.py is your file"]),
    (["loss"], ["If loss is your file"]),
    (["loss.txt"], ["If loss.txt is your file"]),
    (["solution.py", "notes.txt"], ["If solution.py is your file"]),
    (["hw1.ipynb", "README.md"], ["hw1.ipynb is a Jupyter notebook", "called loss.py"]),
    (["README.md", "hw.tar.gz"], ["hw.tar.gz is a compressed file", UNPACK]),
    (["hw.zip", "notes.txt"], ["hw.zip is a zip", UNPACK]),
    (["hw.rar"], ["hw.rar is a RAR archive", UNPACK]),
    (["hw.7z"], ["hw.7z is a 7z archive", UNPACK]),
    (["loss.py.zip"], ["loss.py.zip is a zip", UNPACK]),
    (["loss.pyc"], ["compiled Python"]),
    (["loss.pdf", "notes.txt"], ["loss.pdf is a PDF", COPY]),
    (["README.md", "picture.svg"], ["Call your file loss.py, spelled exactly like this"]),
]


@pytest.mark.parametrize(("names", "words"), SIMILAR)
@pytest.mark.parametrize("form", ["zip", "folder"])
def test_a_file_of_a_similar_name_gets_the_sentence_that_helps(
    tmp_path: Path, form: str, names: list[str], words: list[str]
) -> None:
    files = dict.fromkeys(names, CODE)
    if form == "zip":
        text = refusal(write_zip(tmp_path / "work.zip", files))
    else:
        text = refusal(write_tree(tmp_path / "work", files))
    assert "There is no loss.py" in text
    for word in words:
        assert word in text


# Several files.

WANTED = ("nn/linear.py", "nn/norm.py", "optim/sgd.py")


def read_several(path: Path, *, alone: bool = False) -> Submission:
    submission = read_submission(path, WANTED, alone=alone)
    assert {*submission.files, *submission.missing} == set(WANTED)
    assert set(submission.files.values()) <= set(submission.sources)
    assert all(text.isprintable() for text in submission.missing.values())
    return submission


@pytest.mark.parametrize("prefix", ["", "hw1-smith/", "a/b: c/"])
@pytest.mark.parametrize("form", ["zip", "folder"])
def test_several_files_are_found_below_one_folder(tmp_path: Path, form: str, prefix: str) -> None:
    files = {prefix + name: name.encode() for name in WANTED}
    files[f"{prefix}nn/__init__.py"] = b""
    if form == "zip":
        path = write_zip(tmp_path / "work.zip", {**files, "__MACOSX/nn/linear.py": OTHER})
    else:
        path = write_tree(tmp_path / "work", files)
    submission = read_several(path)
    assert submission.files == {name: prefix + name for name in WANTED}
    assert (submission.root, submission.sources) == (prefix, files)


def test_a_file_that_is_missing_costs_the_others_nothing(tmp_path: Path) -> None:
    files = {"hw/nn/linear.py": CODE, "hw/nn/Norm.py": OTHER, "sgd.py": OTHER}
    submission = read_several(write_tree(tmp_path, files))
    assert submission.files == {"nn/linear.py": "hw/nn/linear.py"}
    assert "Rename hw/nn/Norm.py to norm.py" in submission.missing["nn/norm.py"]
    assert "Move sgd.py to hw/optim/sgd.py" in submission.missing["optim/sgd.py"]


def test_a_file_that_is_not_python_counts_as_missing(tmp_path: Path) -> None:
    files = dict.fromkeys(WANTED, CODE)
    submission = read_several(write_tree(tmp_path, {**files, "nn/norm.py": NOTEBOOK}))
    assert set(submission.files) == {"nn/linear.py", "optim/sgd.py"}
    assert "nn/norm.py" not in submission.sources
    assert "notebook" in submission.missing["nn/norm.py"]
    write_tree(tmp_path, dict.fromkeys(WANTED, NOTEBOOK))
    assert "notebook" in refusal(tmp_path, *WANTED)


@pytest.mark.parametrize("alone", [False, True])
def test_one_file_given_for_several(tmp_path: Path, alone: bool) -> None:
    write_tree(tmp_path, {**dict.fromkeys(WANTED, CODE), "nn/activation.py": OTHER})
    submission = read_several(tmp_path / "nn" / "linear.py", alone=alone)
    assert submission.files == {"nn/linear.py": "nn/linear.py"}
    assert "linear.py was handed in alone" in submission.missing["optim/sgd.py"]
    assert ("nn/activation.py" in submission.sources) is not alone


def test_files_given_without_their_folders_go_to_their_places(tmp_path: Path) -> None:
    write_tree(tmp_path, {"linear.py": CODE, "sgd.py": CODE, "activation.py": OTHER})
    submission = read_several(tmp_path)
    assert submission.files == {name: name for name in ("nn/linear.py", "optim/sgd.py")}
    assert set(submission.sources) == {"nn/linear.py", "optim/sgd.py", "activation.py"}
    single = read_several(tmp_path / "linear.py")
    assert single.files == {"nn/linear.py": "nn/linear.py"}
    assert "nn/activation.py" in single.sources


def test_two_folders_with_the_files_are_named(tmp_path: Path) -> None:
    old, new = ({f"{folder}/{name}": CODE for name in WANTED} for folder in ("old", "new"))
    text = refusal(write_tree(tmp_path / "twice", {**old, **new}), *WANTED)
    assert "2 folders (new, old)" in text
    parts = {"a/nn/linear.py": CODE, "b/optim/sgd.py": CODE}
    text = refusal(write_tree(tmp_path / "apart", parts), *WANTED)
    assert "2 folders (a, b)" in text
    assert "into one" in text
    fuller = {**new, "old/nn/linear.py": OTHER}
    assert read_several(write_tree(tmp_path / "fuller", fuller)).root == "new/"
    outer = {**old, **dict.fromkeys(WANTED, CODE)}
    assert read_several(write_tree(tmp_path / "outer", outer)).root == ""


def test_none_of_several_files_is_told_with_all_that_are_asked_for(tmp_path: Path) -> None:
    write_tree(tmp_path, {"notes.txt": b"", "other.py": OTHER})
    for path in (tmp_path, tmp_path / "other.py"):
        text = refusal(path, *WANTED)
        assert "other.py" in text
        assert "nn/linear.py, nn/norm.py and optim/sgd.py" in text


# One of many, as in the folder or the export of a whole class.


def test_a_file_alone_has_no_neighbours(tmp_path: Path) -> None:
    write_tree(tmp_path, {"alice.py": CODE, "bob.py": b"import alice\n", "__init__.py": b""})
    submission = read_submission(tmp_path / "bob.py", ("loss.py",), alone=True)
    assert (submission.main, list(submission.sources)) == ("bob.py", ["bob.py"])
    path = write_tree(tmp_path, {"eve.py": NOTEBOOK}) / "eve.py"
    with pytest.raises(SubmissionError, match="notebook"):
        read_submission(path, ("loss.py",), alone=True)


def test_a_submission_is_read_out_of_a_folder_of_a_large_zip(tmp_path: Path) -> None:
    files = {"alice_1/loss.py": CODE, "alice_1\\a.py": OTHER, "bob_2/Loss.py": CODE}
    with zipfile.ZipFile(write_zip(tmp_path / "export.zip", files)) as archive:
        members = tidy(zip_members(archive)).kept.values()
        of = {
            name: [
                member._replace(path=member.path.partition("/")[2])
                for member in members
                if member.path.startswith(f"{name}/")
            ]
            for name in ("alice_1", "bob_2")
        }
        submission = collect_submission(of["alice_1"], ("loss.py",))
        assert submission.sources == {"loss.py": CODE, "a.py": OTHER}
        with pytest.raises(SubmissionError, match=r"Rename Loss\.py to loss\.py"):
            collect_submission(of["bob_2"], ("loss.py",))
