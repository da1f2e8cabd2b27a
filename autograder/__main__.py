"""`python -m autograder`: the same as the `autograder` command.

Any Python from 2.7 on must be able to read this file, to say that it is too old.
"""

import os
import sys


def _start():
    # type: () -> None
    package = os.path.dirname(os.path.abspath(__file__))
    folder = os.path.dirname(package)
    if not __package__:  # `python autograder`, for which Python looks in the package itself
        sys.path[0] = folder
    from autograder.needs import complaint, complaint_about

    # From here on, a student's random.py or json.py in this folder is not mistaken for a library.
    if os.path.abspath(sys.path[0]) == folder:
        sys.path.append(sys.path.pop(0))
    text = complaint("python -m autograder " + (" ".join(sys.argv[1:]) or "check"))
    if not text:
        from autograder.cli import run_and_exit

        try:
            run_and_exit()
        except ImportError as error:
            text = complaint_about(error)
            if not text:
                raise
    sys.stderr.write("autograder: %s\n" % text)
    sys.exit(2)


if __name__ == "__main__":
    _start()
