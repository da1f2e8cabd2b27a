"""Hints: what a student may have done wrong, from the numbers that came back."""
