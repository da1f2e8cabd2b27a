"""What the text of a student's files tells: signatures, scopes, what is missing, what outlives objects.

The text is read by patterns and not parsed, because it may not be Python at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from autograder.steps import Program
from autograder.text import one_line

_DEF: Final = r"^([ \t]*)def[ \t]+{name}[ \t]*\(([^)]*)\)"
ALONE: Final = "If that is the reason, the lines below are right when they are run alone."

_MADE: Final = r"(?:\[|\{|(?:dict|list|set|np\.\w+)\()"  # an object that can be changed in place
_GROWS: Final = r"\.(?:append|extend|update|add|insert)\("
_CHANGED: Final = rf"(?:\[[^\]\n]*\]\s*[-+*/@|&%]?=(?!=)|\s*[-+*/@|&%]=|{_GROWS})"
_ASSIGNED: Final = rf"(?:\s*=(?!=)|{_CHANGED})"


def signature_advice(source: str, call: str, message: str) -> str:
    """What to do about a call that does not fit the function's signature; "" if it is something else.

    `call` is the program's own, such as `layer.apply(x)`.
    """
    if not re.search(r"(takes|missing) .*positional arg|unexpected keyword argument", message):
        return ""
    name = re.search(r"(\w+)\(\)", message)
    called = re.search(r"((?:\w+\.)*)(\w+)\(.*\)", call)
    if name is None or called is None:
        return ""
    function = name[1]
    found = re.search(_DEF.format(name=re.escape(function)), source, re.MULTILINE)
    if found is None:
        return f"The grader calls `{called[0]}`; your code has to accept that."
    parameters = [p.strip() for p in found[2].split(",") if p.strip()]
    written = f"`def {function}({', '.join(parameters)})`"
    if found[1] and (not parameters or parameters[0].split(":")[0].strip() not in ("self", "cls")):
        wanted = ", ".join(["self", *parameters])
        return f"The first parameter of a method is `self`: write `def {function}({wanted}):`."
    first = f"The grader calls `{called[0]}`, and your {written} does not fit that."
    lacking = re.search(r"missing .*argument.*: '(\w+)'", message)
    keyword = re.search(r"unexpected keyword argument '(\w+)'", message)
    if keyword:
        return f"{first} It has to have a parameter with the name `{keyword[1]}`."
    if lacking is None:
        return f"{first} It has to take all that the call passes."
    kept = "" if function == "__init__" else ", or read it from the object if a step before kept it"
    return f"{first} Give `{lacking[1]}` a default value{kept}."


_OPERATORS: Final = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "** or pow()": "pow",
    "@": "matmul",
    "<": "lt",
    ">": "gt",
    "<=": "le",
    ">=": "ge",
}


def type_advice(source: str, error_type: str, message: str) -> str:
    """What to do about an operator or an attribute that a value in the program lacks."""
    operator = re.match(r"unsupported operand type\(s\) for (.+): '(\w+)' and '(\w+)'", message)
    if operator and operator[1] in _OPERATORS:
        name = _OPERATORS[operator[1]]
        for owner, method in ((operator[2], f"__{name}__"), (operator[3], f"__r{name}__")):
            if re.search(rf"^[ \t]*class[ \t]+{owner}\b", source, re.MULTILINE):
                written = re.search(rf"\b{method}\b", source)
                other = operator[3] if owner == operator[2] else operator[2]
                return (
                    f"Python calls {owner}.{method} here: it has to take a value of the type {other}."
                    if written
                    else f"Python looks for {owner}.{method} here: write that method."
                )
    plain = re.fullmatch(
        r"'(int|float|tuple|list|ndarray|NoneType|str|numpy\.\w+)' object has no attribute '(\w+)'"
        ".*",
        message,
    )
    if error_type == "AttributeError" and plain:
        return (
            f"Something in that line is of the type {plain[1]}, and should be an object with "
            f"`{plain[2]}`: look at what your methods return."
        )
    return ""


def unread_attribute(program: Program, sources: Mapping[str, bytes]) -> str:
    """What to say if a program sets an attribute that no file of a submission has a word of."""
    for step in program.steps:
        found = re.fullmatch(r"\w+\.(\w+) = .*", step.text)
        word = re.compile(rb"\b%s\b" % found[1].encode()) if found else None
        if found and word and not any(map(word.search, sources.values())):
            return f"The test sets `{one_line(step.text, 80)}`, and your code never reads `{found[1]}`."
    return ""


def misspelt(source: str, name: str, program: Program) -> str:
    """The attribute that a file sets in place of one that is asked for; "" if none is like it."""
    text = "\n".join(step.text for step in program.steps)
    given = set(re.findall(r"\bself\.(\w+)\s*=(?!=)", source)) - set(re.findall(r"\.(\w+)", text))

    def plain(word: str) -> str:
        return word.replace("_", "").lower()

    alike = [word for word in sorted(given) if plain(word) == plain(name)]
    return one_line(alike[0], 80) if len(alike) == 1 else ""


def scope_advice(source: str, error_type: str, message: str) -> str:
    """What to do about a name that exists in another function only; "" if it is something else."""
    name = re.search(r"name '(\w+)' is not defined", message)
    if error_type in ("NameError", "UnboundLocalError") and name:
        if re.search(rf"self\.{name[1]}\s*=", source):
            return f"Your code sets `self.{name[1]}`: read it by that name."
        if re.search(rf"^[ \t]+{name[1]}\s*=[^=]", source, re.MULTILINE):
            return (
                f"`{name[1]}` exists only inside the function that assigns it. Keep it with "
                f"`self.{name[1]} = {name[1]}`, and read `self.{name[1]}` in the other one."
            )
    missing = re.search(r"object has no attribute '(\w+)'", message)
    local = missing and re.search(rf"^[ \t]+{missing[1]}\s*=[^=]", source, re.MULTILINE)
    if error_type == "AttributeError" and missing and local:
        return (
            f"`{missing[1]}` is assigned without `self.`, and is gone when its function ends: "
            f"write `self.{missing[1]} = ...` there."
        )
    return ""


def why_missing(source: str, name: str) -> str:
    """Why a file that can be imported does not define a name; "" if the text does not tell."""
    if not source.strip():
        return "The file is empty. Hand in the file that holds your code, saved."
    if re.search(rf"^[ \t]+(class|def)[ \t]+{re.escape(name)}\b", source, re.MULTILINE):
        guard = re.search(r"^if[ \t]+__name__", source, re.MULTILINE)
        where = 'below `if __name__ == "__main__":`' if guard else "inside something else"
        return (
            f"`{name}` stands {where}: move it out to the left margin, where others can import it."
        )
    if re.search(rf"^#.*(class|def)[ \t]+{re.escape(name)}\b", source, re.MULTILINE):
        return f"`{name}` is commented out: take the # away."
    return ""


def imported(files: Iterable[str], sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files with those that they import: of what else was handed in, nothing is run."""
    found = {path: sources[path] for path in files}
    imports = re.compile(rb"^[ \t]*(?:from|import)\b.*", re.MULTILINE)
    while True:
        lines = b"\n".join(line for text in found.values() for line in imports.findall(text))
        words = set(re.findall(rb"\w+", lines))
        names = {path: path.removesuffix("/__init__.py").removesuffix(".py") for path in sources}
        more = [p for p, name in names.items() if name.split("/")[-1].encode() in words]
        if set(more) <= set(found):
            return found
        found.update((path, sources[path]) for path in more)


def outlives_objects(sources: Mapping[str, bytes]) -> str:
    """What outlives the objects of a submission, such as `Adam.t` or `CACHE`; "" if nothing does.

    The lines of an example make new objects, and so may be right although the same lines failed in the
    middle of a run.
    """
    for source in sources.values():
        text = re.sub(r"#.*", "", source.decode("utf-8", "replace"))
        found = _on_a_class(text) or _in_the_module(text)
        if found:
            return one_line(found, 60)
    return ""


def _on_a_class(text: str) -> str:
    for name in re.findall(r"^class[ \t]+(\w+)", text, re.MULTILINE):
        owner = rf"(?:{name}|cls|type\(self\)|self\.__class__)"
        assigned = re.search(rf"^[ \t]+{owner}\.(\w+){_ASSIGNED}", text, re.MULTILINE)
        if assigned:
            return f"{name}.{assigned[1]}"
        body = re.split(rf"^class[ \t]+{name}\b.*\n", text, maxsplit=1, flags=re.MULTILINE)[-1]
        body = re.split(r"^\S", body, maxsplit=1, flags=re.MULTILINE)[0]
        for own in re.findall(rf"^(?: {{4}}|\t)(\w+)\s*=\s*{_MADE}", body, re.MULTILINE):
            bound = re.search(rf"\bself\.{own}\s*=(?!=)", body)
            if not bound and re.search(rf"\bself\.{own}{_CHANGED}", body):
                return f"{name}.{own}"
    return ""


def _in_the_module(text: str) -> str:
    declared = re.search(r"^[ \t]+global[ \t]+(\w+)", text, re.MULTILINE)
    if declared:
        return declared[1]
    for name in re.findall(rf"^(\w+)\s*=\s*{_MADE}", text, re.MULTILINE):
        if re.search(rf"^[ \t]+{name}{_CHANGED}", text, re.MULTILINE):
            return str(name)
    return ""
