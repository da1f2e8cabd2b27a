"""The zips that an assignment is handed out in: one for students, one for Gradescope."""
