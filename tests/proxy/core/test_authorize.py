"""Deny first, then allow, then what holds otherwise; what cannot be seen fails closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.decision import connection, inbound
from runtime_proxy.core.peer import peer
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import Permit, Refuse
from tests.proxy.bundles import CART, WEB, exact, head, load, pattern, port, prefix
from tests.proxy.core.requests import IDENTITIES, clauses, heads

CALLER = peer(WEB, "cluster.local")


def opened(**changes):
    return load(inbound=[port(**changes)]).inbound[8080]


def outcome(verdict):
    return (verdict.reason, verdict.origin) if isinstance(verdict, Refuse) else verdict.origin


def decide(request=None, caller=CALLER, **changes):
    return outcome(inbound(opened(**changes), request or head(), caller))


def test_otherwise_decides_where_no_clause_does():
    origin = "Mesh//mesh#/spec/authorization"
    assert decide(otherwise="allow") == origin
    assert decide(otherwise="deny") == (Reason.NOT_ALLOWED, origin)


def test_deny_wins_over_allow():
    assert decide(deny=[{"origin": "d"}], allow=[{"origin": "a"}]) == (Reason.DENIED, "d")


def test_an_allow_clause_admits_and_is_named():
    assert decide(allow=[{"origin": "other", "from": [{"identities": [CART]}]}, {"origin": "a"}]) == "a"


def test_the_first_clause_that_matches_is_the_one_named():
    clauses = [
        {"origin": "first", "to": [{"methods": ["GET"]}]},
        {"origin": "second", "to": [{"paths": [exact("/")]}]},
        {"origin": "third", "from": [{"identities": [WEB]}]},
    ]
    assert decide(deny=clauses) == (Reason.DENIED, "first")
    assert decide(deny=clauses[::-1]) == (Reason.DENIED, "third")


def test_one_entry_of_from_must_hold_and_in_it_every_field():
    both = [{"identities": [WEB], "namespaces": ["other"]}]
    assert decide(allow=[{"origin": "a", "from": both}])[0] is Reason.NOT_ALLOWED
    assert decide(allow=[{"origin": "a", "from": [*both, {"namespaces": ["shop"]}]}]) == "a"


def test_a_namespace_of_another_trust_domain_is_not_ours():
    stranger = peer("spiffe://other.example/ns/shop/sa/web", "cluster.local")
    allow = [{"origin": "a", "from": [{"namespaces": ["shop", ""]}]}]
    assert decide(allow=allow[:1], caller=CALLER) == "a"
    allow = [{"origin": "a", "from": [{"namespaces": ["shop"]}]}]
    assert decide(allow=allow, caller=stranger)[0] is Reason.NOT_ALLOWED


def test_one_entry_of_to_must_hold_and_in_it_every_field():
    to = [
        {"methods": ["POST"], "paths": [prefix("/charge")]},
        {"headers": [{"name": "X-A", "type": "Exact", "value": "1"}]},
    ]
    allow = [{"origin": "a", "to": to}]
    assert decide(head("/charge/1", "POST"), allow=allow) == "a"
    assert decide(head("/", "GET", x_a="1"), allow=allow) == "a"
    assert decide(head("/charge/1", "GET"), allow=allow)[0] is Reason.NOT_ALLOWED
    assert decide(head("/", "POST"), allow=allow)[0] is Reason.NOT_ALLOWED


@pytest.mark.parametrize("target", ["/admin", "/%61dmin/x", "//admin", "/x/../admin", "/./admin/"])
def test_no_spelling_of_a_path_gets_around_a_deny_clause(target):
    deny = [{"origin": "d", "to": [{"paths": [prefix("/admin")]}]}]
    assert decide(head(target), deny=deny, otherwise="allow") == (Reason.DENIED, "d")


@pytest.mark.parametrize("target", ["/x%2F..%2Fadmin", "/x\\admin", "/admin%00", "/a//../admin"])
def test_an_ambiguous_path_is_refused_where_policy_reads_paths(target):
    reads = [{"origin": "d", "to": [{"paths": [pattern("/never")]}]}]
    assert decide(head(target), deny=reads, otherwise="allow")[0] is Reason.BAD_PATH
    assert decide(head(target), otherwise="allow") == "Mesh//mesh#/spec/authorization"


def test_unseen_requests_fail_closed():
    """On an opaque connection a deny clause that asks for a path matches, an allow clause that does never does."""
    asks = [{"origin": "c", "to": [{"paths": [prefix("/x")]}]}]
    denying, allowing = (
        opened(protocol="tcp", deny=asks, otherwise="allow"),
        opened(protocol="tcp", allow=asks),
    )
    assert outcome(connection(denying, CALLER)) == (Reason.DENIED, "c")
    assert outcome(connection(allowing, CALLER))[0] is Reason.NOT_ALLOWED


def test_a_connection_is_decided_by_who_calls():
    allow = [{"origin": "a", "from": [{"identities": [WEB]}]}]
    assert outcome(connection(opened(protocol="tcp", allow=allow), CALLER)) == "a"
    other = peer(CART, "cluster.local")
    assert outcome(connection(opened(protocol="tcp", allow=allow), other))[0] is Reason.NOT_ALLOWED


def test_what_is_permitted_is_the_application():
    permit = inbound(opened(otherwise="allow"), head(), CALLER)
    assert isinstance(permit, Permit)
    assert permit.cluster is None


@given(st.lists(clauses, max_size=8), heads(), IDENTITIES)
def test_the_index_finds_what_a_linear_scan_finds(shapes, request, identity):
    caller = peer(identity, "cluster.local")
    table = opened(deny=shapes).authorization.deny
    linear = next((clause for clause in table.clauses if clause.holds(request, caller)), None)
    assert table.first(request, caller) is linear


@pytest.mark.parametrize(
    ("kind", "wanted", "value", "denied", "allowed"),
    [
        ("Exact", "admin", b"admin", True, True),
        ("Exact", "admin", b"user,admin", True, False),
        ("Exact", "admin", b"admin , user", True, False),
        ("Exact", "admin", b"administrator,user", False, False),
        ("Exact", "a,b", b"x, a,b ,y", True, False),
        ("Exact", "a,b", b"a,x,b", False, False),
        ("Exact", "a.b", b"axb,c", False, False),
        ("RegularExpression", "adm.*n", b"user,admin", True, False),
        ("RegularExpression", "a|b", b"x,b", True, False),
        ("RegularExpression", "(?i)ADMIN", b"user,admin,x", True, False),
        ("RegularExpression", "u.*", b"x,y", False, False),
    ],
)
def test_a_denied_value_is_denied_in_any_line_and_an_allowed_one_must_be_the_whole(
    kind: str, wanted: str, value: bytes, denied: bool, allowed: bool
) -> None:
    """A field sent twice is one value, joined by commas: nobody gets in, or past a denial, by sending it again."""
    sent = head(X_Role=value.decode())
    clause = {"origin": "here", "to": [{"headers": [{"name": "x-role", "type": kind, "value": wanted}]}]}
    assert isinstance(inbound(opened(deny=[clause], otherwise="allow"), sent, CALLER), Refuse) == denied
    assert isinstance(inbound(opened(allow=[clause], otherwise="deny"), sent, CALLER), Permit) == allowed
