"""Text that came from outside, made safe to show on a terminal.

A name in somebody's YAML may hold control characters that a terminal obeys, or marks that turn the direction of
writing around, so that what is read is not what is there. Everything a program of ours prints passes here.
"""


def printable(text: str) -> str:
    r"""The text with all that does not print, or misleads, written as ``\x1b`` or ``\u202e``. Tabs are kept."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
