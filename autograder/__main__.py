"""`python -m autograder`: the same as the `autograder` command."""

from autograder.cli import run_and_exit

if __name__ == "__main__":
    run_and_exit()
