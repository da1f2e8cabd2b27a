import importlib

patched = []  # for the test that asserts that what is patched is there


def patch(name, value):
    """Put a value in the place of what a dotted name stands for, if it can be reached."""
    module, _, rest = name, "", []
    while True:
        try:
            owner = importlib.import_module(module)
            break
        except Exception:  # a wall, or a class
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
            if not module:
                return
    for step in rest[:-1]:
        owner = getattr(owner, step, None)
    if hasattr(owner, rest[-1]):
        setattr(owner, rest[-1], value)
        patched.append(name)
