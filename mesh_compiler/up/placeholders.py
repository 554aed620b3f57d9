"""What ``${...}`` in a command or in an environment stands for.

``${port:8080}`` is the port number on which the application listens as that container port; ``${outbound:reviews:80}``
the address at which it dials a service (``reviews.shop:80`` one of another namespace); ``${shared}`` the address at
which it dials any service, chosen by Host. ``$$`` is a dollar sign.
"""

import re
from collections.abc import Iterable

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.up.apps import App
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import Place

_PLACEHOLDER = re.compile(r"\$(?:\$|\{([^{}]*)\})")


def filled(app: App, place: Place) -> App:
    """The application with every placeholder replaced.

    Raises:
        UpError: a placeholder stands for nothing.
    """

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: _value(found, place, app.origin), text)

    env = {name: fill(value) for name, value in app.env.items()}
    return App(tuple(fill(word) for word in app.command), app.cwd, env, app.origin)


def _value(found: re.Match[str], place: Place, origin: str) -> str:
    if found[1] is None:
        return "$"
    kind, _, rest = found[1].partition(":")
    match kind:
        case "shared" if not rest:
            return place.shared
        case "port":
            door = place.doors.get(int(rest)) if rest.isascii() and rest.isdecimal() else None
            if door is None:
                raise _unknown(
                    found[0], place, origin, f"a container port of {place.key}", map(str, place.doors)
                )
            return door.app.rpartition(":")[2]
        case "outbound":
            name, _, port = rest.rpartition(":")
            full = rest if "." in name else f"{name}.{place.key.namespace}:{port}"
            if full not in place.outbound:
                raise _unknown(found[0], place, origin, "a service port of the tree", place.outbound)
            return place.outbound[full]
    known = "`${port:8080}`, `${outbound:service:80}` and `${shared}`"
    raise UpError(f"{origin}: `{found[0]}` stands for nothing: there are {known}")


def _unknown(written: str, place: Place, origin: str, what: str, known: Iterable[str]) -> UpError:
    names = sorted(known)
    near = closest(written.removeprefix("${outbound:").removesuffix("}"), names)
    hint = (
        f"did you mean `{near}`?"
        if near
        else f"there are {', '.join(f'`{name}`' for name in names) or 'none'}"
    )
    return UpError(f"{origin}: `{written}` of {place.key} does not name {what}: {hint}")
