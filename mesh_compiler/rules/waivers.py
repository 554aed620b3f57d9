"""Waivers: findings that somebody accepted, with a reason, until a day. The one way to silence a finding.

An error of the reading family cannot be waived: what could not be read is in no bundle, whatever anybody accepts.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from mesh_compiler.diagnostics.model import Finding, Severity, in_order
from mesh_compiler.diagnostics.registry import all_rules, declare, find
from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.kinds import KINDS
from mesh_compiler.dialects.resource import Resource, ResourceId
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.rules.checked import Checked
from mesh_compiler.rules.registry import Fault

EXPIRED_WAIVER = declare(
    "MESH601",
    "expired-waiver",
    Severity.WARNING,
    """
    ## What it does
    Reports a Waiver whose day has come. What it accepted is reported again.

    ## Why is this bad?
    The day was set so that somebody looks again. Until then the finding counts.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Waiver
    metadata: {name: spring, namespace: shop}
    spec:
      code: MESH206
      target: {kind: HTTPRoute, name: reviews}
      reason: the migration lasts until spring
      expires: 2020-04-01
    ```

    ## Use instead
    Nothing, once the finding is gone:
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ```
    """,
)

UNUSED_WAIVER = declare(
    "MESH602",
    "unused-waiver",
    Severity.WARNING,
    """
    ## What it does
    Reports a Waiver that accepts nothing: there is no such finding, no such rule, or the finding is one that cannot
    be waived (an error of reading, MESH0xx).

    ## Why is this bad?
    The next finding of that kind would pass unseen, and nobody remembers why.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Waiver
    metadata: {name: spring, namespace: shop}
    spec:
      code: MESH206
      target: {kind: HTTPRoute, name: reviews}
      reason: the migration lasts until spring
      expires: 9999-04-01
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ```
    """,
)


class _Subject(NamedTuple):
    """What a Waiver is about."""

    code: str
    target: str


def waive(mesh: Mesh, findings: Sequence[Finding], now: date) -> Checked:
    """Take out the findings that a Waiver in force accepts; add what there is to say of the Waivers themselves."""
    waivers = mesh.bound.of("Waiver")
    active = {_subject(waiver) for waiver in waivers if now < waiver.model.spec.expires}
    waived = tuple(finding for finding in findings if _waivable(finding) and _about(finding) in active)
    used = {_about(finding) for finding in waived}
    kept = [finding for finding in findings if not (_waivable(finding) and _about(finding) in active)]
    return Checked(in_order([*kept, *_remarks(waivers, used, now)]), waived)


def _subject(waiver: Resource[Any]) -> _Subject:
    spec = waiver.model.spec
    namespace = "" if spec.target.kind in _WITHOUT_NAMESPACE else spec.target.namespace or waiver.namespace
    return _Subject(spec.code, str(ResourceId(spec.target.kind, namespace, spec.target.name)))


_WITHOUT_NAMESPACE = frozenset(kind.name for kind in KINDS if not kind.namespaced)


def _about(finding: Finding) -> _Subject:
    return _Subject(finding.rule.code, finding.resource or "")


def _waivable(finding: Finding) -> bool:
    return not (finding.rule.code.startswith("MESH0") and finding.severity is Severity.ERROR)


def _remarks(waivers: Sequence[Resource[Any]], used: set[_Subject], now: date) -> Iterator[Finding]:
    for waiver in waivers:
        subject = _subject(waiver)
        if waiver.model.spec.expires <= now:
            yield Fault(
                f"the waiver of {subject.code} for {shown(subject.target)} expired on {waiver.model.spec.expires}",
                waiver.origin("spec", "expires"),
                help="remove it, or look at the finding again and give a later day",
            ).finding(EXPIRED_WAIVER)
        elif subject not in used:
            yield _unused(waiver, subject).finding(UNUSED_WAIVER)


def _unused(waiver: Resource[Any], subject: _Subject) -> Fault:
    if find(subject.code) is None:
        near = closest(subject.code, (rule.code for rule in all_rules()))
        return Fault(
            f"no rule has the code {shown(subject.code)}",
            waiver.origin("spec", "code"),
            help=f"did you mean {shown(near)}? `meshc rule` lists them"
            if near
            else "`meshc rule` lists them",
        )
    return Fault(
        f"there is no finding of {subject.code} for {shown(subject.target)} that could be waived",
        waiver.origin("spec", "code"),
        help="remove the waiver, or correct its code and target",
    )
