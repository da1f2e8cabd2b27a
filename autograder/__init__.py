"""An auto-grader for numpy assignments: YAML test cases in, Gradescope results out."""

__version__ = "1.0.0"
