"""What a rule does to a message: redirects, rewrites, mirrors; `headers` and `cors` have files of their own.

Each function takes the filters of one rule and one backend, in that order, and gives fields of an Envoy
route or of its action. Envoy knows no order of filters; those that touch one thing twice are folded here.
"""

from collections.abc import Sequence

from mesh_compiler.emit.envoy.headers import Step, step
from mesh_compiler.emit.envoy.paths import canonical
from mesh_compiler.emit.envoy.protos import Json, fraction, quote_meta

# Redirect codes by Envoy's names.
_CODES = {
    301: "MOVED_PERMANENTLY",
    302: "FOUND",
    303: "SEE_OTHER",
    307: "TEMPORARY_REDIRECT",
    308: "PERMANENT_REDIRECT",
}


def of_type(filters: Sequence[Json], kind: str) -> list[Json]:
    """The filters of one type, in order."""
    return [item for item in filters if item["type"] == kind]


def header_steps(filters: Sequence[Json], kind: str) -> list[Step]:
    """The changes to the headers of one side, ``RequestHeaderModifier`` or ``ResponseHeaderModifier``, in
    order.
    """
    return [step(item) for item in of_type(filters, kind)]


def redirect_action(item: Json, host: str | None) -> Json:
    """A RedirectAction.

    Args:
        item: the RequestRedirect filter.
        host: the host the request was for, without its port, where it is known.
    """
    action: Json = {"scheme_redirect": item["scheme"], "response_code": _CODES[item["statusCode"]]}
    name = item.get("hostname", host)
    action |= {} if name is None else {"host_redirect": name}
    action |= {"port_redirect": item["port"]} if "port" in item else {}
    return action | _rewrite(item["path"]) if "path" in item else action


def rewrite_fields(filters: Sequence[Json]) -> Json:
    """The RouteAction fields that rewrite host and path; where two filters do, the later one wins."""
    fields: Json = {}
    for item in of_type(filters, "URLRewrite"):
        fields |= {"host_rewrite_literal": item["hostname"]} if "hostname" in item else {}
        fields |= _rewrite(item["path"]) if "path" in item else {}
    return fields


def _rewrite(modifier: Json) -> Json:
    """A path modifier as a regular expression over the path without its query.

    Envoy's own ``prefix_rewrite`` replaces characters, not path elements: it would turn `/foo/bar` with
    `/foo` replaced by `/` into `//bar`.
    """
    if modifier["type"] == "ReplaceFullPath":
        return _substitute(".*", canonical(modifier["value"]) or "/")
    prefix, value = (canonical(text).rstrip("/") for text in (modifier["prefix"], modifier["value"]))
    if value:
        return _substitute(quote_meta(prefix), value)
    return _substitute(f"{quote_meta(prefix)}/?", "/")


def _substitute(pattern: str, text: str) -> Json:
    return {
        "regex_rewrite": {
            "pattern": {"regex": f"^{pattern}"},
            "substitution": text.replace("\\", "\\\\"),
        }
    }


def mirror_fields(filters: Sequence[Json]) -> Json:
    """The RouteAction field that sends copies elsewhere; a copy keeps the request's Host."""
    mirrors = [
        {
            "cluster": item["cluster"],
            "runtime_fraction": fraction(item["numerator"], item["denominator"]),
            "disable_shadow_host_suffix_append": True,
        }
        for item in of_type(filters, "RequestMirror")
    ]
    return {"request_mirror_policies": mirrors} if mirrors else {}
