"""One example for every rule that Gateway API's resource definitions state in CEL, and where each rule stands.

``VALUES`` has for each rule's message a value that breaks it; ``PLACES`` the paths at which the rules of routes stand.
``route`` writes a value into a route at such a path.
"""

import copy
import json

A = {"name": "a", "port": 80}
SERVICE = {"group": "", "kind": "Service", "name": "a"}
PREFIX = {"path": {"type": "PathPrefix", "value": "/a"}}
HEADERS = {"set": [{"name": "x", "value": "y"}]}
TO_PREFIX = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/b"}}
TWO_MATCHES = [PREFIX, {"path": {"type": "PathPrefix", "value": "/c"}}]

SETTINGS = {
    "RequestHeaderModifier": ("requestHeaderModifier", HEADERS),
    "ResponseHeaderModifier": ("responseHeaderModifier", HEADERS),
    "RequestMirror": ("requestMirror", {"backendRef": A}),
    "RequestRedirect": ("requestRedirect", {"hostname": "b.example"}),
    "URLRewrite": ("urlRewrite", {"hostname": "b.example"}),
    "CORS": ("cors", {"allowOrigins": ["*"]}),
    "ExtensionRef": ("extensionRef", {"group": "b.example", "kind": "B", "name": "b"}),
}


def a_filter(kind, **settings):
    field, default = SETTINGS[kind]
    return {"type": kind, field: settings or default}


def _unions():
    """For each type of filter: its settings are there, and no others are."""
    for kind, (field, settings) in SETTINGS.items():
        yield f"filter.{field} must be specified for {kind} filter.type", {"type": kind}
        other = "RequestMirror" if kind != "RequestMirror" else "RequestHeaderModifier"
        yield (
            f"filter.{field} must be nil if the filter.type is not {kind}",
            {**a_filter(other), field: settings},
        )


def _repetitions():
    for kind in ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite", "CORS"):
        yield f"{kind} filter cannot be repeated", [a_filter(kind), a_filter(kind)]


def _paths():
    listed = "when type one of ['Exact', 'PathPrefix']"
    for part, value in (
        ("#", "/a#b"), ("%2F", "/a%2Fb"), ("%2f", "/a%2fb"), ("/../", "/a/../b"), ("/./", "/a/./b"), ("//", "/a//b"),
    ):  # fmt: skip
        yield f"must not contain '{part}' {listed}", {"type": "Exact", "value": value}
    for end in ("/.", "/.."):
        yield f"must not end with '{end}' {listed}", {"type": "PathPrefix", "value": f"/a{end}"}
    yield f"value must be an absolute path and start with '/' {listed}", {"type": "Exact", "value": "a"}
    yield (
        "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
        {"type": "Prefix", "value": "/a"},
    )
    characters = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$"
    message = f"must only contain valid characters (matching {characters}) for types ['Exact', 'PathPrefix']"
    yield message, {"type": "PathPrefix", "value": "/a b"}


_HOSTNAMES = (
    "Wildcards on hostnames must be the first label, and the rest of hostname must be valid based on RFC-1123"
)
_MATCHES = (
    "While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must "
    "be less than 128"
)
_GRPC_SERVICE = (
    "service must only contain valid characters (matching ^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$)"
)
_SAME = "when parentRefs includes 2 or more references to the same parent"
_ONE_PREFIX = "filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified"

VALUES = {
    f"sectionName must be specified {_SAME}": [SERVICE, {**SERVICE, "sectionName": "http"}],
    f"sectionName must be unique {_SAME}": [SERVICE, {**SERVICE, "port": 80}],
    _MATCHES: [{"matches": [{"headers": [{"name": "x", "value": "y"}]}] * 43}] * 3,
    "Must have port for Service reference": {"name": "a"},
    "RequestRedirect filter must not be used together with backendRefs": {
        "filters": [a_filter("RequestRedirect")],
        "backendRefs": [A],
    },
    f"When using RequestRedirect {_ONE_PREFIX}": {
        "matches": TWO_MATCHES,
        "filters": [a_filter("RequestRedirect", **TO_PREFIX)],
    },
    f"When using URLRewrite {_ONE_PREFIX}": {
        "matches": [{"path": {"type": "Exact", "value": "/a"}}],
        "filters": [a_filter("URLRewrite", **TO_PREFIX)],
        "backendRefs": [A],
    },
    f"Within backendRefs, when using RequestRedirect {_ONE_PREFIX}": {
        "matches": TWO_MATCHES,
        "backendRefs": [{**A, "filters": [a_filter("RequestRedirect", **TO_PREFIX)]}],
    },
    f"Within backendRefs, When using URLRewrite {_ONE_PREFIX}": {
        "matches": [{"path": {"type": "RegularExpression", "value": "/a.*"}}],
        "backendRefs": [{**A, "filters": [a_filter("URLRewrite", **TO_PREFIX)]}],
    },
    "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both": [
        a_filter("RequestRedirect"),
        a_filter("URLRewrite"),
    ],
    "AllowHeaders cannot contain '*' alongside other methods": ["x-a", "*"],
    "AllowMethods cannot contain '*' alongside other methods": ["*", "PUT"],
    "AllowOrigins cannot contain '*' alongside other origins": ["*", "https://b.example"],
    "Only one of percent or fraction may be specified in HTTPRequestMirrorFilter": {
        "backendRef": A,
        "percent": 5,
        "fraction": {"numerator": 1},
    },
    "numerator must be less than or equal to denominator": {"numerator": 3, "denominator": 2},
    "type must be 'ReplaceFullPath' when replaceFullPath is set": {
        "type": "ReplacePrefixMatch",
        "replacePrefixMatch": "/b",
        "replaceFullPath": "/c",
    },
    "type must be 'ReplacePrefixMatch' when replacePrefixMatch is set": {
        "type": "ReplaceFullPath",
        "replaceFullPath": "/c",
        "replacePrefixMatch": "/b",
    },
    "replaceFullPath must be specified when type is set to 'ReplaceFullPath'": {"type": "ReplaceFullPath"},
    "replacePrefixMatch must be specified when type is set to 'ReplacePrefixMatch'": {
        "type": "ReplacePrefixMatch"
    },
    "backendRequest timeout cannot be longer than request timeout": {
        "request": "1s",
        "backendRequest": "1001ms",
    },
    "One or both of 'service' or 'method' must be specified": {"type": "Exact"},
    "method must only contain valid characters (matching ^[A-Za-z_][A-Za-z_0-9]*$)": {"method": "a/b"},
    _GRPC_SERVICE: {"service": "shop/reviews"},
    "Hostnames must be valid based on RFC-1123": ["Shop.example"],
    "Hostnames cannot contain an IP": ["10.0.0.1"],
    _HOSTNAMES: ["shop.*.example"],
    **dict(_unions()),
    **dict(_repetitions()),
    **dict(_paths()),
}

_FILTER_LISTS = ("spec.rules[].filters", "spec.rules[].backendRefs[].filters")


def _of(messages, *paths):
    return [(path, message) for message in messages for path in paths]


def _filter_rules(kinds):
    fields = [SETTINGS[kind][0] for kind in kinds]
    unions = [message for message, _ in _unions() if message.split()[0].removeprefix("filter.") in fields]
    once = [message for message, _ in _repetitions() if message.split()[0] in kinds]
    yield from _of(once, *_FILTER_LISTS)
    for filters in _FILTER_LISTS:
        yield from _of(unions, f"{filters}[]")
        mirror = f"{filters}[].requestMirror"
        yield from _of(
            ["Only one of percent or fraction may be specified in HTTPRequestMirrorFilter"], mirror
        )
        yield from _of(["Must have port for Service reference"], f"{mirror}.backendRef")
        yield from _of(["numerator must be less than or equal to denominator"], f"{mirror}.fraction")


def _http_filter_rules():
    yield from _filter_rules(SETTINGS)
    modifiers = [message for message in VALUES if message.startswith(("type must be 'Replace", "replace"))]
    for filters in _FILTER_LISTS:
        both = (
            "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both"
        )
        yield from _of([both], filters)
        yield from _of(modifiers, f"{filters}[].requestRedirect.path", f"{filters}[].urlRewrite.path")
        for field in ("Headers", "Methods", "Origins"):
            of_field = [message for message in VALUES if message.startswith(f"Allow{field}")]
            yield from _of(of_field, f"{filters}[].cors.allow{field}")


_PARENTS = _of([message for message in VALUES if message.endswith(_SAME)], "spec.parentRefs")
_BACKENDS = _of(["Must have port for Service reference"], "spec.rules[].backendRefs[]")
_OF_RULES = [m for m in VALUES if _ONE_PREFIX in m or m.startswith("RequestRedirect filter must not")]
_OF_METHODS = [m for m in VALUES if m.startswith(("One or both", "method must", "service must"))]

PLACES = {
    "HTTPRoute": [
        *_PARENTS,
        *_BACKENDS,
        ("spec.rules", _MATCHES),
        *_of(_OF_RULES, "spec.rules[]"),
        *_http_filter_rules(),
        *_of([message for message, _ in _paths()], "spec.rules[].matches[].path"),
        *_of(["backendRequest timeout cannot be longer than request timeout"], "spec.rules[].timeouts"),
    ],
    "GRPCRoute": [
        *_PARENTS,
        *_BACKENDS,
        ("spec.rules", _MATCHES),
        *_filter_rules(("RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef")),
        *_of(_OF_METHODS, "spec.rules[].matches[].method"),
    ],
    "TCPRoute": [*_PARENTS, *_BACKENDS],
    "TLSRoute": [*_PARENTS, *_BACKENDS, *_of([m for m in VALUES if "ostnames" in m], "spec.hostnames")],
}
CASES = [(kind, path, message) for kind, places in PLACES.items() for path, message in places]


def route(kind, path, value):
    """A route, valid but for the value at the path, as YAML text."""
    spec = {"parentRefs": [SERVICE], "rules": [{"backendRefs": [A]}]}
    if kind == "TLSRoute":
        spec["hostnames"] = ["a.example"]
    whole = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "a"},
        "spec": copy.deepcopy(spec),
    }
    _write(whole, path.replace("[]", ".[]").split("."), copy.deepcopy(value))
    for rule in whole["spec"]["rules"]:
        if path != "spec.rules[]" and any("requestRedirect" in entry for entry in rule.get("filters", [])):
            del rule["backendRefs"]
    return json.dumps(whole, indent=1)


_TYPES = {field: kind for kind, (field, _) in SETTINGS.items()}


def _write(target, steps, value):
    step, *rest = steps
    key = 0 if step == "[]" else step
    if target == []:
        target.append({})
    if step in _TYPES:
        target.setdefault("type", _TYPES[step])
    if not rest:
        target[key] = value
        return
    if isinstance(target, dict) and key not in target:
        target[key] = [] if rest[0] == "[]" else {}
    if step == "requestMirror":
        target[key].setdefault("backendRef", dict(A))
    _write(target[key], rest, value)
