"""One module a command; `cli.py` lists them."""
