"""Tools for those who write assignments: lint, the matrix of mistakes, and new cases."""
