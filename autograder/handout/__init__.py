"""What students get: the zip with the visible cases, and the pytest plugin in it."""
