"""AuthorizationPolicy: who may do what, decided by the callee's sidecar."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mesh_compiler.dialects.codes.fields import MISSING_FIELD
from mesh_compiler.dialects.gateway_api.matches import HTTPHeaderMatch, HTTPMethod, HTTPPathMatch
from mesh_compiler.dialects.mesh.targets import TargetRefs
from mesh_compiler.dialects.model import Object, Problem, Strict, refuse
from mesh_compiler.dialects.types import Namespace, PortNumber, Text

Identity = Annotated[
    str,
    Text(
        r"^(spiffe://[a-z0-9._-]+(/[a-zA-Z0-9._-]+)+|[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$",
        "an identity, which is `namespace/serviceaccount` or a whole SPIFFE ID such as `spiffe://example.org/ns/a/sa/b`",
        least=1,
        most=2048,
    ),
]


class AuthorizationSource(Strict):
    """Callers. Of each field that is given, one entry must hold."""

    identities: Annotated[tuple[Identity, ...], Field(min_length=1, max_length=256)] | None = None
    """Identities, as `namespace/serviceaccount` or as whole SPIFFE IDs."""
    namespaces: Annotated[tuple[Namespace, ...], Field(min_length=1, max_length=256)] | None = None
    """Namespaces of our trust domain."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.identities is None and self.namespaces is None:
            message = "an entry of `from` that says nothing of the caller"
            refuse(
                [
                    Problem(
                        MISSING_FIELD,
                        message,
                        help="add `identities` or `namespaces`, or drop `from` to mean all",
                    )
                ]
            )
        return self


class AuthorizationOperation(Strict):
    """Requests. Of each field that is given, one entry must hold; of `headers`, all."""

    methods: Annotated[tuple[HTTPMethod, ...], Field(min_length=1, max_length=16)] | None = None
    """Methods, in upper case."""
    paths: Annotated[tuple[HTTPPathMatch, ...], Field(min_length=1, max_length=256)] | None = None
    """Paths, without the query, in normal form."""
    headers: Annotated[tuple[HTTPHeaderMatch, ...], Field(min_length=1, max_length=16)] | None = None
    """Headers that must all match."""
    ports: Annotated[tuple[PortNumber, ...], Field(min_length=1, max_length=128)] | None = None
    """Ports of the target Service."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.methods is None and self.paths is None and self.headers is None and self.ports is None:
            message = "an entry of `to` that says nothing of the request"
            advice = "add `methods`, `paths`, `headers` or `ports`, or drop `to` to mean all"
            refuse([Problem(MISSING_FIELD, message, help=advice)])
        return self


class AuthorizationRule(Strict):
    """Requests of callers: one entry of `from` must hold, and one of `to`. What is left out holds always."""

    from_: Annotated[tuple[AuthorizationSource, ...], Field(min_length=1, max_length=256)] | None = Field(
        default=None, alias="from"
    )
    """Who calls; everybody where none is given."""
    to: Annotated[tuple[AuthorizationOperation, ...], Field(min_length=1, max_length=256)] | None = None
    """What is asked; everything where none is given. Only ports that speak HTTP have methods, paths and headers."""


class AuthorizationPolicySpec(Strict):
    """What an AuthorizationPolicy says."""

    target_refs: TargetRefs
    """The Services, of the same namespace, whose workloads it protects."""
    action: Literal["ALLOW", "DENY"]
    """What is done with requests that a rule matches. DENY goes first; where any ALLOW applies, only they admit."""
    rules: Annotated[tuple[AuthorizationRule, ...], Field(min_length=1, max_length=256)]
    """The policy applies to a request when one of these matches it."""


class AuthorizationPolicy(Object):
    """Who may do what at the workloads behind a Service."""

    spec: AuthorizationPolicySpec
    """What the policy says."""
