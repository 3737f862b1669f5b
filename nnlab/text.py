"""Text from outside (paths, keys, server replies), made safe to print."""


def printable(text: object) -> str:
    """Return `text` with every control character and lone surrogate escaped, on one line."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))
