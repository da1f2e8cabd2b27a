"""The formats that people write: assignments, test cases and submissions, read into plain data."""
