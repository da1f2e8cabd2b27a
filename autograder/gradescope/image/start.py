"""Starts the engine that stands beside this file, whatever else is installed: `start.py grade ROOT`."""

import os
import sys

# Put here and not by the interpreter, which runs isolated (-I) so that no folder or variable counts.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

if __name__ == "__main__":
    from autograder.threads import use_one_thread

    use_one_thread()
    command, *arguments = sys.argv[1:]
    if command == "verify":
        from autograder.gradescope import verify

        sys.exit(verify.main(*arguments))
    from autograder.gradescope import run

    run.run_and_exit(*arguments)
