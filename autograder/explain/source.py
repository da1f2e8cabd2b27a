"""What the text of a student's files tells: signatures, scopes, and what is missing.

The text is read by patterns and not parsed, because it may not be Python at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from autograder.explain.advice import closest
from autograder.steps import Program
from autograder.text import one_line

_DEF: Final = r"^([ \t]*)def[ \t]+{name}[ \t]*\(([^)]*)\)"

_GIVEN: Final = r"^[ \t]+def\b.*[(,][ \t]*{name}\b"  # a parameter of a method
_TRUTH: Final = r"(y_?)?(true|targets?|labels?|truth|gt|actual)|y|t"
_GUESS: Final = r".*(pred|hat|scores?|outputs?|probs?).*|[aopz]"


def signature_advice(source: str, call: str, message: str, *, by_grader: bool) -> str:
    """What to do about a call that does not fit the function's signature; "" if it is something else.

    `call` is the program's own, such as `layer.apply(x)`, or a line of the student's.
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
        return f"The grader calls `{called[0]}`; your code has to accept that." if by_grader else ""
    parameters = [p.strip() for p in found[2].split(",") if p.strip()]
    written = f"`def {function}({', '.join(parameters)})`"
    above = source[: found.start()].rstrip()
    if above.endswith("@property"):
        return f"Take `@property` away: it makes a value of {function}, and it has to be called."
    first_named = parameters[0].split(":")[0].strip() if parameters else ""
    if found[1] and not above.endswith("@staticmethod") and first_named not in ("self", "cls"):
        wanted = ", ".join(["self", *parameters])
        return f"The first parameter of a method is `self`: write `def {function}({wanted}):`."
    if not by_grader:
        return ""
    first = f"The grader calls `{called[0]}`, and your {written} does not fit that."
    lacking = (
        re.findall(r"'(\w+)'", message.partition("argument")[2]) if "missing" in message else []
    )
    keyword = re.search(r"unexpected keyword argument '(\w+)'", message)
    if keyword:
        return f"{first} It needs a parameter called `{keyword[1]}`."
    if not lacking:
        return f"{first} It has to accept everything that the call passes."
    names, one = " and ".join(f"`{name}`" for name in lacking), len(lacking) == 1
    default, it = ("a default value", "it") if one else ("default values", "them")
    kept = f", or read {it} from the object if a step before kept {it}"
    return f"{first} Give {names} {default}{'' if function == '__init__' else kept}."


def in_place_of_a_class(source: str, name: str, program: Program) -> str:
    """What to do if functions stand where the program makes an object and calls its methods."""
    called = {m for step in program.steps for m in re.findall(r"\w\.(\w+)\s*\(", step.text)}
    loose = set(re.findall(r"^def[ \t]+(\w+)", source, re.MULTILINE))
    if not called or not loose & {name, *called}:
        return ""
    return (
        f"The grader makes an object of {name} and calls its methods: write `class {name}:` with "
        f"{' and '.join(sorted(called))} in it, indented, each with `self` as its first parameter."
    )


def traded_places(program: Program, source: str) -> str:
    """What the parameters of a method get, if by their names they are in another order."""
    for step in program.steps:
        call = re.search(r"\.(\w+)\((\w+), (\w+)\)", step.text)
        found = call and re.search(_DEF.format(name=call[1]), source, re.MULTILINE)
        names = re.findall(r"(\w+)[^,]*", found[2].replace("self,", "")) if found else []
        if call is None or len(names) != 2 or re.fullmatch(_TRUTH, call[2].lower()):
            continue
        if re.fullmatch(_TRUTH, names[0].lower()) and re.fullmatch(_GUESS, names[1].lower()):
            return (
                f"The grader calls `{call[1]}({call[2]}, {call[3]})`: your `{names[0]}` gets "
                f"{call[2]} there, and your `{names[1]}` gets {call[3]}."
            )
    return ""


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
    """What to say if a program sets an attribute that no file of a submission mentions."""
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
    if name:
        if re.search(rf"self\.{name[1]}\s*=", source):
            return f"Your code sets `self.{name[1]}`: read it by that name."
        if re.search(
            rf"^[ \t]+{name[1]}\s*=[^=]|{_GIVEN.format(name=name[1])}", source, re.MULTILINE
        ):
            return (
                f"`{name[1]}` exists only inside the function that has it. Keep it with "
                f"`self.{name[1]} = {name[1]}`, and read `self.{name[1]}` in the other one."
            )
        if re.search(rf"^[ \t]+def[ \t]+{name[1]}\b", source, re.MULTILINE):
            return f"`{name[1]}` is a method of yours: call it as `self.{name[1]}(...)`."
        bound = rf"\bclass[ \t]+{name[1]}\b|\b(?:def|as|for|lambda|import|global)\b.*\b{name[1]}\b"
        bound += rf"|\b{name[1]}\b[^\n=()]*=(?!=)"
        if name[1] != "np" and not re.search(bound, source, re.MULTILINE):
            words = set(re.findall(r"[^\W\d]\w*", source)) - {name[1]}
            close = closest(name[1], sorted(words), 0.8)
            what = f"is `{close}` meant?" if close else "import it, or define it before."
            return f"Nothing in your code defines `{name[1]}`: {what}"
    missing = re.search(r"'([\w.]+)' object has no attribute '(\w+)'", message)
    if error_type != "AttributeError" or missing is None or missing[1].startswith("numpy."):
        return ""
    owner, lacks = missing.groups()
    if not re.search(rf"^[ \t]*class[ \t]+{owner}\b", source, re.MULTILINE):
        return type_advice(source, error_type, message)
    if re.search(rf"^[ \t]+{lacks}\s*=[^=]", source, re.MULTILINE):
        return (
            f"`{lacks}` is assigned without `self.`, and is gone when its function ends: "
            f"write `self.{lacks} = ...` there."
        )
    if re.search(rf"\bself\.{lacks}\s*[-+*/]=", source):
        return f"Your code adds to `self.{lacks}` before anything has set it."
    close = closest(lacks, sorted(set(re.findall(r"\bself\.(\w+)\s*=", source))), 0.8)
    if close == lacks:
        return f"The line that sets `self.{lacks}` has not run before this one."
    if close:
        return f"Your code sets `self.{close}`: is that the one?"
    if re.search(_GIVEN.format(name=lacks), source, re.MULTILINE):
        return f"Keep `{lacks}` in the method that is given it: `self.{lacks} = {lacks}`."
    if re.search(rf"\bself\.{lacks}\b[^\n=()]*=(?!=)|setattr", source):
        return ""
    return f"Nothing in your code sets `self.{lacks}`: do so in the method that works it out."


def why_missing(source: str, name: str) -> str:
    """Why a file that can be imported does not define a name; "" if the text does not tell."""
    if not source.strip():
        return "The file is empty. Hand in the file that holds your code, saved."
    if re.search(rf"^[ \t]+(class|def)[ \t]+{re.escape(name)}\b", source, re.MULTILINE):
        guard = re.search(r"^if[ \t]+__name__", source, re.MULTILINE)
        where = 'below `if __name__ == "__main__":`' if guard else "inside something else"
        return f"`{name}` is {where}: move it to the left margin, so that it can be imported."
    if re.search(rf"^#.*(class|def)[ \t]+{re.escape(name)}\b", source, re.MULTILINE):
        return f"`{name}` is commented out: remove the `#`."
    return ""
