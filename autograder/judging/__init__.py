"""Judging: what was observed is compared with the answers, and becomes verdicts."""
