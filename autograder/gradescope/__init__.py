"""Gradescope's own ways: what it tells of a submission, and what is made of that."""
