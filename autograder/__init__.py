"""An auto-grader for numpy assignments: YAML test cases in, Gradescope results out."""

__version__ = "0.1.0"
