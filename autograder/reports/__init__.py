"""The forms in which a report is written; a further one is a further module."""
