"""A whole class graded offline: an export read, every submission graded once, a table, what changed."""
