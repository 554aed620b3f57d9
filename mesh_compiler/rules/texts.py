"""Paths in their normal form, and regular expressions: what most trees need little of, loaded when it is needed."""

import re

_UNUSUAL = re.compile(r"[^-A-Za-z0-9_~!$&'()*+,;=:@/.]|//|/\.", re.ASCII)
"""What a path in normal form does not hold. (An escape may be normal; that is worth a look.)"""


def normal(path: str) -> str:
    """A path as it is compared: escapes of plain characters decoded, dot segments and empty segments removed."""
    if path.startswith("/") and not _UNUSUAL.search(path):
        return path
    from mesh_compiler.mesh.semantics.request import normalise  # noqa: PLC0415 - the package is large, the case rare

    return normalise(path)


def matches_fully(pattern: str, text: str) -> bool:
    """Whether a regular expression matches the whole text."""
    import re2  # noqa: PLC0415 - takes 10 ms to load, and few trees have a pattern

    return re2.fullmatch(pattern, text) is not None


def may_begin_with_slash(pattern: str) -> bool:
    """Whether something that begins with a slash may match. False is certain: RE2 says so."""
    import re2  # noqa: PLC0415 - as above

    try:
        least, most = re2.compile(f"^(?:{pattern})$").possiblematchrange(_LOOKED_AT)
    except re2.error:
        return True
    return bool(least < b"0" and most >= b"/")  # "0" follows "/"


_LOOKED_AT = 8
"""How many octets of the range are asked for; the first decides."""
