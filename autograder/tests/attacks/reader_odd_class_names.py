"""Has classes of odd names, but not the one that is wanted."""


for n, name in enumerate(["<b>x", "\x1b[2J", "\u202eLoss", "\n\nCorrect", "y" * 1000]):
    globals()[name] = type(name, (), {"__module__": __name__})
