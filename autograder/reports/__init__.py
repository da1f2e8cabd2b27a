"""Reports: what there is to say of a submission, on the terminal and in files.

The form of a file goes by its suffix. To add one, write a module with the functions of `Writer`, and
give it a line in `WRITERS`.
"""

from __future__ import annotations

import _thread
import importlib
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from autograder.judging.verdicts import Report


class Writer(Protocol):
    """What a module in `WRITERS` offers; `render` may look like this.

        def render(report: Report) -> str:
            return "".join(f"{v.number},{v.points:g}\\n" for v in report.verdicts)

    Texts of verdicts quote students' code and output: escape what the format would interpret.
    """

    def render(self, report: Report) -> str:
        """The whole content of the file."""
        ...

    def render_not_graded(self, reason: str) -> str:
        """The content if the grader, not the submission, is at fault; the reason is for staff."""
        ...


class Form(NamedTuple):
    """A form of report: the name of its module here, and what the help calls it."""

    module: str
    title: str


WRITERS: Final[dict[str, Form]] = {
    ".json": Form("results_json", "Gradescope's results.json"),
    ".md": Form("markdown", "Markdown"),
}
_DEFAULT: Final = ".json"  # for a file without a suffix, such as /dev/stdout


def forms() -> str:
    """The forms of report, as the help and complaints name them."""
    return " or ".join(f"{suffix} ({form.title})" for suffix, form in WRITERS.items())


def form_of(path: Path) -> Form:
    """The form in which to write a file. Raises UsageError if its suffix tells none."""
    form = WRITERS.get(path.suffix.lower() or _DEFAULT)
    if form is None:
        raise UsageError(f"cannot tell how to write {path}: its name must end in {forms()}")
    return form


def writer_of(form: Form) -> Writer:
    """The module that writes a form of report, which is imported only if it is needed."""
    return cast("Writer", importlib.import_module(f"{__name__}.{form.module}"))


def import_meanwhile(forms: Sequence[Form]) -> None:
    """Import what will write the report while the student's code runs in a process of its own."""
    names = ["terminal", *(form.module for form in forms)]
    # Not by the threading module: its import alone would cost a good part of what is gained.
    _thread.start_new_thread(
        lambda: [importlib.import_module(f"{__name__}.{n}") for n in names], ()
    )
