"""How the elements of a mesh are put into findings."""

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.routing import Match


def described(match: Match) -> str:
    """A match in a few words: its method and path, then its headers and query parameters."""
    request = f"{match.method} {match.path.value}" if match.method else match.path.value
    conditions = [f"header {shown(f'{test.name}: {test.value}')}" for test in match.headers]
    conditions += [f"query {shown(f'{test.name}={test.value}')}" for test in match.query]
    return " with ".join([shown(request), *([" and ".join(conditions)] if conditions else [])])


def place(match: Match) -> Origin:
    """Where to point for a match: its path; where it writes none, the match, or the rule that has none."""
    return match.origin.child("path", "value")
