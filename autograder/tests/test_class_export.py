"""Reading a class: exports and folders, with all that is odd about them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from autograder.classroom import export_zip
from autograder.classroom.export import read_class
from autograder.classroom.roster import Person, Roster
from autograder.classroom.sources import Work
from autograder.errors import UsageError
from autograder.tests.classes import listing_entry, write_export, write_files, zipped

ANA = ("Ana", "'0012345'", "ana@example.org")
BO = ("Bo", "67", "bo@example.org")


def read(path: Path, pattern: str | None = None) -> Roster:
    return read_class(path, pattern)


def people(roster: Roster) -> dict[str, list[str]]:
    return {entry.name: [person.name for person in entry.people] for entry in roster.entries}


def work(roster: Roster, name: str) -> Work:
    entry = next(entry for entry in roster.entries if entry.name == name)
    assert entry.read is not None
    return entry.read(("loss.py",))


def fault(path: Path, pattern: str | None = None) -> str:
    with pytest.raises(UsageError) as error:
        read(path, pattern)
    assert "\n" not in str(error.value)
    return str(error.value)


# The listing. ------------------------------------------------------------------------------------


@pytest.mark.parametrize("colon", [":", ""])
def test_an_export_says_who_handed_in_what(tmp_path: Path, colon: str) -> None:
    listing = "---\n" + listing_entry("submission_1", ANA, BO) + listing_entry("submission_2", BO)
    listing = listing.replace("  :", f"  {colon}").replace("- :", f"- {colon}")
    write_export(tmp_path, listing, {"submission_1/loss.py": "a = 1", "submission_2/loss.py": "b"})
    roster = read(tmp_path)
    assert people(roster) == {"submission_1": ["Ana", "Bo"], "submission_2": ["Bo"]}
    assert roster.entries[0].people[0] == Person("Ana", "ana@example.org", "0012345")
    submission = work(roster, "submission_1").submission
    assert submission is not None
    assert submission.sources == {"loss.py": b"a = 1"}
    [warning] = roster.warnings
    assert all(part in warning for part in ("bo@example.org", "submission_1", "submission_2"))


def test_scalars_stay_texts_and_tags_mean_nothing(tmp_path: Path) -> None:
    listing = """---
submission_1:
  :submitters:
  - :name: Null
    :sid: 0012345
    :email: ~
  - :name: ''
    :sid:
    :email: no
  :score: !ruby/object:BigDecimal 18:0.955e2
  :status: !ruby/sym processed
submission_2:
  :submitters: &1
  - &2 !ruby/object:User
    :name: &3 "Zo\\u00eb"
    :sid: 1e3
  :results:
  :history:
  - :submitters: *1
    :id: 99
submission_3:
  :submitters:
  - *2
submission_4:
  :submitters:
  :score:
submission_5: null
"""
    folders = {f"submission_{n}/loss.py": "" for n in range(1, 6)}
    roster = read(write_export(tmp_path, listing, folders))
    found = [entry.people for entry in roster.entries]
    assert found[0] == (Person("Null", "", "0012345"), Person("", "no", ""))
    assert found[1] == found[2] == (Person("Zoë", "", "1e3"),)
    assert found[3] == (Person("submission_4"),)
    assert found[4] == (Person("submission_5"),)
    assert roster.entries[0].before is not None
    assert roster.entries[0].before.total == 95.5


def test_results_from_before_are_read(tmp_path: Path) -> None:
    results = """  :score: 9.5
  :results:
    score: 9.5
    tests:
    - {name: 'One: forward', number: '1.1', score: 10.0, max_score: 10.0, status: passed, output: x}
    - {name: Late penalty, score: -0.5, max_score: 0.0, status: failed}
    extra_data: {deep: [[{a: b}]]}
  :history:
  - :score: 99.0
    :results: {score: 99.0, tests: [{name: other, score: 1}]}
    :created_at: 2030-01-01 00:00:00.0 Z
"""
    listing = listing_entry("submission_1", ANA, rest=results)
    roster = read(write_export(tmp_path, listing, {"submission_1/loss.py": ""}))
    before = roster.entries[0].before
    assert before is not None
    assert before.total == 9.5  # and not that of a later submission
    assert before.lines is not None
    assert [(line.number, line.name, line.points, line.passed) for line in before.lines] == [
        ("1.1", "One: forward", 10.0, True),
        ("", "Late penalty", -0.5, False),
    ]


def test_entries_without_folder_and_folders_without_entry_are_kept(tmp_path: Path) -> None:
    listing = listing_entry("submission_1", ANA) + listing_entry("submission_2", BO)
    files = {
        "submission_2/loss.py": "",
        "submission_3/loss.py": "",
        "notes.txt": "",
        ".DS_Store": "",
    }
    roster = read(write_export(tmp_path, listing, {**files, "__MACOSX/x": ""}))
    notes = {entry.name: (entry.note, entry.read is not None) for entry in roster.entries}
    assert notes["submission_1"] == ("no files in the export", False)
    assert notes["submission_2"] == ("", True)
    assert "submission_metadata.yml" in notes["submission_3"][0]
    assert notes["submission_3"][1]
    assert roster.passed_over == 3
    assert any("submission_1" in warning for warning in roster.warnings)
    assert any("submission_3" in warning for warning in roster.warnings)


def test_the_folder_above_an_export_will_do(tmp_path: Path) -> None:
    export = tmp_path / "assignment_7_export"
    write_export(export, listing_entry("1", ANA), {"submission_1/loss.py": ""})
    assert people(read(tmp_path)) == {"submission_1": ["Ana"]}
    write_export(tmp_path / "assignment_8_export", listing_entry("1", ANA), {})
    assert "2 exports" in fault(tmp_path)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ("", "is empty"),
        ("--- {}\n", "is empty"),
        ("- a\n- b\n", "mapping"),
        ("a: 1\nb: [1, 2\nc: 3\n", ":3:2:"),
        ("a: 1\n\tb: 2\n", ":2:1:"),
        (b"a: 1\nb: \xff\xfe\n", ":2:4:"),
        ("20.pdf:\n  :submitters: []\n", "PDF"),
        ("1234:\n  :submitters: []\n", "PDF"),
    ],
)
def test_a_faulty_listing_is_told(tmp_path: Path, listing: str | bytes, said: str) -> None:
    text = fault(write_export(tmp_path, listing, {}))
    assert "submission_metadata.yml" in text
    assert said in text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_listing_of_200_mb_is_read_within_100_mib(tmp_path: Path) -> None:
    """Half of it long outputs, half many small values; in a process of its own, to measure."""
    output = "x" * 100_000
    with (tmp_path / "submission_metadata.yml").open("w", encoding="utf-8") as file:
        for n in range(1000):
            file.write(listing_entry(f"submission_{n}", (f"Name {n}", str(n), f"{n}@example.org")))
            file.write("  :results:\n    tests:\n")
            for check in range(20):
                file.write(
                    f"    - {{name: 'Case {check}: forward', number: '{check}', score: 1.0, "
                    f"max_score: 1.0, output: {output if check < 2 else 'short'}}}\n"
                )
    size = (tmp_path / "submission_metadata.yml").stat().st_size
    assert size > 200_000_000
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from autograder.classroom.export import read_class\n"
        "roster = read_class(Path(sys.argv[1]))\n"
        "assert len(roster.entries) == 1000\n"
        "assert all(len(e.before.lines) == 20 for e in roster.entries)\n"
        "status = Path('/proc/self/status').read_text()\n"  # the peak of this program alone
        "print(int(status.partition('VmHWM:')[2].split()[0]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 100


# Zips. -------------------------------------------------------------------------------------------


def test_a_zip_is_read_as_its_folder_is(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "submission_1/loss.py": "x = 1",
        "submission_1/nn/helper.py": "y = 2",
        "submission_1/.hidden/loss.py": "no",
        "submission_1/__pycache__/loss.py": "no",
        "submission_2/readme.txt": "",
        "submission_3/a/loss.py": "",
        "submission_3/b/loss.py": "",
        "submission_4/loss.py/inner.txt": "",
        "submission_5/loss.py": b"#" * 1_000_001,
    }
    listing = "".join(listing_entry(f"submission_{n}", ANA) for n in range(1, 6))
    export = write_export(tmp_path / "assignment_1_export", listing, files)
    folder, archive = read(export), read(zipped(export, tmp_path / "export.zip"))
    assert people(folder) == people(archive)
    for name in people(folder):
        assert work(folder, name) == work(archive, name)
    assert "There is no loss.py" in work(archive, "submission_2").refused
    assert "2 files called loss.py" in work(archive, "submission_3").refused
    assert "is a folder" in work(archive, "submission_4").refused
    assert "larger than" in work(archive, "submission_5").refused


def test_a_zip_of_the_bare_files_or_made_on_windows_will_do(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("./submission_metadata.yml", listing_entry("submission_1", ANA))
        archive.writestr(".\\submission_1\\loss.py", "x = 1")
        archive.writestr("__MACOSX/submission_1/._loss.py", "no")
    submission = work(read(path), "submission_1").submission
    assert submission is not None
    assert submission.sources == {"loss.py": b"x = 1"}


def make_zip(path: Path, *entries: tuple[str, str], mode: int = 0o100644) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("submission_metadata.yml", listing_entry("submission_1", ANA))
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return path


def test_zips_that_are_not_sound_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    assert "leads out" in fault(make_zip(path, ("submission_1/../../x.py", "")))
    assert "leads out" in fault(make_zip(path, ("/etc/x.py", "")))
    assert "link" in fault(make_zip(path, ("submission_1/loss.py", "/etc/passwd"), mode=0o120777))
    with pytest.warns(UserWarning, match="Duplicate"):
        make_zip(path, ("submission_1/loss.py", "1"), ("submission_1/loss.py", "2"))
    assert "twice" in fault(path)
    whole = make_zip(path, ("submission_1/loss.py", "")).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in fault(path)
    path.write_bytes(b"")
    assert "damaged" in fault(path)
    encrypted = bytearray(whole)
    encrypted[whole.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(encrypted)
    assert "encrypted" in fault(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("alice/loss.py", "")
    assert "submission_metadata.yml" in fault(path)


def test_too_many_entries_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_zip(tmp_path / "export.zip", *[(f"submission_1/{n}.py", "") for n in range(20)])
    assert people(read(path))
    monkeypatch.setattr(export_zip, "MOST_ENTRIES", 20)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # is not even opened
    assert "more than 20 entries" in fault(path)


def test_damage_to_one_submission_in_a_zip_is_told_of_that_one(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "export.zip", ("submission_1/loss.py", "x = 12345"))
    path.write_bytes(path.read_bytes().replace(b"x = 12345", b"x = 54321"))
    assert "damaged" in work(read(path), "submission_1").failed


# Other folders. ----------------------------------------------------------------------------------


def test_every_child_of_a_plain_folder_is_a_submission(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "alice/loss.py": "1",
            "alice.py": "2",
            "bob.py": "from alice import CrossEntropyLoss",
            "notes.txt": "",
            ".hidden/loss.py": "",
            "__MACOSX/loss.py": "",
        },
    )
    with zipfile.ZipFile(tmp_path / "carol.zip", "w") as archive:
        archive.writestr("loss.py", "4")
    (tmp_path / "link").symlink_to(tmp_path / "alice")
    roster = read(tmp_path)
    assert sorted(people(roster)) == ["alice", "alice.py", "bob", "carol"]
    assert roster.passed_over == 4
    bob = work(roster, "bob").submission
    assert bob is not None
    assert list(bob.sources) == ["bob.py"]  # read alone
    assert work(roster, "carol").submission is not None


def test_a_pattern_says_who_is_who(tmp_path: Path) -> None:
    write_files(tmp_path, {"doe_12_34_loss.py": "", "roe_LATE_56_78_loss.py": "", "other.py": ""})
    roster = read(tmp_path, r"(?P<student>[a-z]+)_(?:LATE_)?(?P<id>\d+)_\d+_.*\.py")
    assert [entry.people[0] for entry in roster.entries] == [
        Person("doe", "", "12"),
        Person("other"),
        Person("roe", "", "56"),
    ]
    assert any("other.py" in warning for warning in roster.warnings)
    assert "not a regular expression" in fault(tmp_path, "(")
    assert "(?P<student>" in fault(tmp_path, r"(\w+)")
    assert "matches nothing" in fault(tmp_path, r"(?P<email>\w+@\w+)")


def test_a_pattern_is_not_for_an_export(tmp_path: Path) -> None:
    write_export(tmp_path, listing_entry("submission_1", ANA), {"submission_1/loss.py": ""})
    assert "--pattern" in fault(tmp_path, "(?P<student>.*)")


def test_what_is_no_class_is_told(tmp_path: Path) -> None:
    assert "not there" in fault(tmp_path / "missing")
    assert "no submissions" in fault(tmp_path)
    file = tmp_path / "loss.py"
    file.write_text("")
    assert "neither" in fault(file)
    assert "not a file or folder" in fault(Path("/dev/zero"))
    os.mkfifo(tmp_path / "export.zip")
    assert "not a file or folder" in fault(tmp_path / "export.zip")


@pytest.mark.skipif(os.name != "posix", reason="there are no modes")
def test_what_may_not_be_read_here_is_not_the_students_mistake() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        write_files(folder, {"ana/loss.py": "", "bo/loss.py": "", "cy.py": "", "di/loss.py": ""})
        write_files(folder, {"di/other.py": "", "ed.zip": ""})
        for path in ("ana", "bo/loss.py", "cy.py", "di/other.py", "ed.zip"):
            (folder / path).chmod(0)
        was = os.geteuid()
        os.seteuid(was or 65_534)
        try:
            found = {who: work(read(folder), who) for who in ("ana", "bo", "cy", "di", "ed")}
        finally:
            os.seteuid(was)
            (folder / "ana").chmod(0o700)
    assert all("Permission denied" in found[who].failed for who in ("ana", "bo", "cy", "ed"))
    assert found["di"].submission is not None  # which can do without


def test_one_odd_submission_costs_its_own_row_only(tmp_path: Path) -> None:
    write_files(tmp_path, {"empty/notes.txt": "", "good/loss.py": "", "two/a/loss.py": "x"})
    write_files(tmp_path, {"two/b/loss.py": "", "folder/loss.py/x": ""})
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "loss.py")
    many = tmp_path / "many"
    many.mkdir()
    for n in range(20_001):
        (many / f"{n}.txt").touch()
    odd = os.fsdecode(b"caf\xe9")
    write_files(tmp_path / odd, {"loss.py": "", os.fsdecode(b"h\xe9lper.py"): ""})
    roster = read(tmp_path)
    assert work(roster, "good").submission is not None
    assert work(roster, odd).submission is not None
    assert "There is no loss.py" in work(roster, "empty").refused
    assert "2 files called loss.py" in work(roster, "two").refused
    assert "folder" in work(roster, "folder").refused
    assert "special file" in work(roster, "fifo").refused
    assert "special file" in work(roster, "pipe").refused
    assert "more than 20,000 files" in work(roster, "many").refused
