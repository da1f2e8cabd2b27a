"""What the student reads: the text of each check."""
