"""The kinds of ``meshc.dev``: their defaults, and what each refuses."""

import datetime as dt

import pytest

HEAD = "apiVersion: meshc.dev/v1alpha1\nkind: %s\nmetadata: {name: a, namespace: shop}\nspec:\n  %s\n"
TARGET = 'targetRefs: [{group: "", kind: Service, name: a}]'


def spec_of(bound, kind, text):
    result = bound(HEAD % (kind, text))
    assert result.findings == ()
    return result.of(kind)[0].model.spec


def refusal(bound, kind, text):
    [finding] = bound(HEAD % (kind, text)).findings
    return f"{finding.span.pointer} {finding.message}"


def test_mesh_defaults_are_the_safe_ones(bound):
    """An empty Mesh denies what no policy speaks of, sets no timeout and retries nothing."""
    spec = spec_of(bound, "Mesh", "{}")
    assert spec.authorization.default == "deny"
    assert (spec.timeouts, spec.retry, spec.retry_constraint, spec.load_balancer) == (None, None, None, None)
    assert (spec.trust_domain, spec.trust_bundle) == (None, None)


def test_retry_constraint_has_the_standards_defaults(bound):
    """GEP-3388: 20 % of the requests of the last 10 s, and 10 a second in any case."""
    constraint = spec_of(bound, "Mesh", "retryConstraint: {}").retry_constraint
    assert (constraint.budget.percent, constraint.budget.interval) == (20, 10_000)
    assert (constraint.min_retry_rate.count, constraint.min_retry_rate.interval) == (10, 1_000)


def test_workload_defaults(bound):
    """A Workload without endpoints has the host's file; a port without a protocol is bytes."""
    spec = spec_of(bound, "Workload", "ports: [{port: 80}]")
    assert spec.ports[0].protocol == "tcp"
    assert (spec.endpoints.static, spec.endpoints.dns, spec.endpoints.file) == (None, None, None)
    assert (spec.labels, spec.service_account_name, spec.calls, spec.callers) == (None, None, (), ())


def test_authorization_policy_is_read(bound):
    """Paths are prefixes and headers exact unless they say otherwise."""
    to = "{paths: [{value: /a}], headers: [{name: x, value: b}]}"
    text = f"{TARGET}\n  action: DENY\n  rules: [{{to: [{to}]}}]"
    [rule] = spec_of(bound, "AuthorizationPolicy", text).rules
    assert rule.from_ is None
    assert (rule.to[0].paths[0].type, rule.to[0].headers[0].type) == ("PathPrefix", "Exact")


def test_waiver_is_read(bound):
    """The day is a date."""
    text = (
        'code: MESH404\n  target: {kind: HTTPRoute, name: a}\n  reason: "until spring"\n  expires: 2027-01-31'
    )
    spec = spec_of(bound, "Waiver", text)
    assert (spec.code, spec.target.namespace, spec.expires) == ("MESH404", None, dt.date(2027, 1, 31))


WAIVER = "code: MESH404\n  target: {kind: A, name: a}\n  reason: a\n  expires: 2027-01-31"
POLICY = f"{TARGET}\n  action: ALLOW\n  rules: [%s]"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("Mesh", "authorization: {default: none}", "/spec/authorization/default `none` is not a value of `default`"),
        ("Mesh", "trustDomain: Shop", ("/spec/trustDomain `Shop` is not a name of one or more parts, joined by `.`, "
         "each of lower-case letters, digits and `-` that begins and ends with a letter or digit")),
        ("Mesh", "trustBundle: nothing", "/spec/trustBundle the trust bundle holds no PEM certificate"),
        ("Mesh", "trustBundle: |\n    -----BEGIN EC PRIVATE KEY-----\n    AA\n    -----END EC PRIVATE KEY-----",
         "/spec/trustBundle the trust bundle holds a private key"),
        ("Mesh", "timeouts: {request: 1s, backendRequest: 2s}", ("/spec/timeouts/backendRequest `backendRequest`, the "
         "time for one try, is longer than `request`, the time for all of them")),
        ("Mesh", "loadBalancer: {type: RingHash}", "/spec/loadBalancer/type `RingHash` is not a value of `type`"),
        ("Mesh", "retryConstraint: {budget: {percent: 101}}", ("/spec/retryConstraint/budget/percent `percent` is "
         "`101`, and 100 is the most")),
        ("Mesh", "retryConstraint: {minRetryRate: {interval: 0s}}", ("/spec/retryConstraint/minRetryRate/interval "
         "the interval is zero")),
        ("Workload", "ports: [{port: 80}, {port: 80}]", "/spec/ports/1/port the port 80 is given twice"),
        ("Workload", "ports: [{port: 80, name: a}, {port: 81, name: a}]", ("/spec/ports/1/name the port name `a` is "
         "given twice")),
        ("Workload", "endpoints: {dns: {hostname: a}, file: {}}", (
             "/spec/endpoints/file `file` beside `dns`: endpoints "
         "come from one place")),
        ("Workload", "endpoints: {static: [{address: a.example}]}", ("/spec/endpoints/static/0/address `a.example` is "
         "not an IP address")),
        ("Workload", "endpoints: {static: []}", "/spec/endpoints/static `static` is empty"),
        ("TrafficPolicy", "timeouts: {}", "/spec `spec` has no `targetRefs`"),
        ("TrafficPolicy", "targetRefs: []", "/spec/targetRefs `targetRefs` is empty"),
        ("TrafficPolicy", "targetRefs: [{group: apps, kind: Service, name: a}]", ("/spec/targetRefs/0/group `apps` is "
         "not a value of `group`")),
        ("TrafficPolicy", 'targetRefs: [{group: "", kind: Service, name: a, namespace: b}]',
         "/spec/targetRefs/0/namespace `namespace` is not a field of `spec.targetRefs[0]`"),
        ("AuthorizationPolicy", POLICY % "{from: [{}]}", (
             "/spec/rules/0/from/0 an entry of `from` that says nothing of "
         "the caller")),
        ("AuthorizationPolicy", POLICY % "{from: []}", "/spec/rules/0/from `from` is empty"),
        ("AuthorizationPolicy", POLICY % "{to: [{}]}", ("/spec/rules/0/to/0 an entry of `to` that says nothing of the "
         "request")),
        ("AuthorizationPolicy", POLICY % "", "/spec/rules `rules` is empty"),
        ("AuthorizationPolicy", POLICY % "{from: [{identities: [web]}]}", ("/spec/rules/0/from/0/identities/0 `web` is "
         "not an identity, which is `namespace/serviceaccount` or a whole SPIFFE ID such as "
         "`spiffe://example.org/ns/a/sa/b`")),
        ("AuthorizationPolicy", POLICY % '{to: [{paths: [{type: RegularExpression, value: "["}]}]}',
         ("/spec/rules/0/to/0/paths/0/value the pattern `[` cannot be read: a character class is opened and never "
         "closed")),
        ("AuthorizationPolicy", POLICY % "{to: [{methods: [get]}]}", (
             "/spec/rules/0/to/0/methods/0 `get` is not a value "
         "of `methods[0]`")),
        ("Waiver", WAIVER.replace("2027-01-31", "2027-02-30"), "/spec/expires `2027-02-30` is not a date"),
        ("Waiver", WAIVER.replace("reason: a", "reason: ' '"), "/spec/reason the reason is empty"),
        ("Waiver", WAIVER.replace("MESH404", "MESH4"), ("/spec/code `MESH4` is not the code of a rule, such as "
         "`MESH404`")),
    ],
)  # fmt: skip
def test_what_is_refused(kind, text, expected, bound):
    """Each mistake is told at its value, in words that say what is wrong."""
    assert refusal(bound, kind, text) == expected
