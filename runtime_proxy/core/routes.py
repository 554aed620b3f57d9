"""The routes of one outbound service: which match is first, and what its rule does.

All that does not depend on the request is worked out here, when a snapshot is built: a request whose rule
rewrites nothing is answered with a ``Forward`` that already exists.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

from runtime_proxy.core.edits import HeaderEdits, join
from runtime_proxy.core.filters import Mirror, PathModifier, Redirect
from runtime_proxy.core.match import PathIndex, RequestMatch
from runtime_proxy.core.types import Head
from runtime_proxy.core.verdict import Forward, Permit, Refuse, Respond

if TYPE_CHECKING:
    from runtime_proxy.core.cors import Cors

Verdict = Forward | Respond | Refuse


class Filters:
    """The filters of a rule or of a backend, compiled; ``over`` puts a backend's over its rule's."""

    __slots__ = ("authority", "cors", "mirrors", "path", "redirect", "request_edits", "response_edits")

    def __init__(self) -> None:
        self.request_edits: HeaderEdits | None = None
        self.response_edits: HeaderEdits | None = None
        self.authority: bytes | None = None
        self.path: PathModifier | None = None
        self.redirect: Redirect | None = None
        self.cors: Cors | None = None
        self.mirrors: tuple[Mirror, ...] = ()

    def over(self, rule: "Filters") -> "Filters":
        """Both: header changes and mirrors in turn, of all else the backend's where it has one."""
        both = Filters()
        both.request_edits = join(rule.request_edits, self.request_edits)
        both.response_edits = join(rule.response_edits, self.response_edits)
        both.authority = self.authority if self.authority is not None else rule.authority
        both.path = self.path or rule.path
        both.redirect = self.redirect or rule.redirect
        both.cors = self.cors or rule.cors
        both.mirrors = rule.mirrors + self.mirrors
        return both


class Choice:
    """One outcome of a rule for one match: a backend, or the refusal that stands in its place, under the
    filters.
    """

    __slots__ = ("_cors", "_filters", "_mirrored", "_path", "_plain", "_redirect", "_verdict")

    def __init__(self, verdict: Forward | Refuse, filters: Filters) -> None:
        self._verdict = verdict
        self._filters = filters
        self._cors = filters.cors
        self._redirect = filters.redirect
        self._path = filters.path
        self._mirrored = any(not mirror.always for mirror in filters.mirrors)
        self._plain = not (self._cors or self._redirect or self._path or self._mirrored)

    def decide(self, head: Head, rng: Callable[[], float], rule_origin: str, match_origin: str) -> Verdict:
        """The verdict for one request."""
        if self._plain:
            return self._verdict
        if self._cors is not None and self._cors.is_preflight(head):
            return Respond(*self._cors.answer(head), rule_origin, match_origin)
        if self._redirect is not None:
            return self._redirected(self._redirect, head, rule_origin, match_origin)
        verdict = self._verdict
        return verdict if isinstance(verdict, Refuse) else self._forward(verdict, head, rng)

    def _redirected(self, redirect: Redirect, head: Head, rule_origin: str, match_origin: str) -> Respond:
        fields = [(b"location", redirect.location(head))]
        edits = self._response_edits(head)
        if edits is not None:
            fields = edits.apply(fields)
        return Respond(redirect.status, fields, rule_origin, match_origin)

    def _forward(self, base: Forward, head: Head, rng: Callable[[], float]) -> Forward:
        return Forward(
            base.permit,
            base.cluster,
            base.rule_origin,
            base.match_origin,
            target=None if self._path is None else self._path.target(head),
            authority=base.authority,
            request_edits=base.request_edits,
            response_edits=self._response_edits(head),
            request_timeout=base.request_timeout,
            try_timeout=base.try_timeout,
            retry=base.retry,
            mirrors=tuple(m.permit for m in self._filters.mirrors if m.chosen(rng)),
        )

    def _response_edits(self, head: Head) -> HeaderEdits | None:
        edits = self._filters.response_edits
        return edits if self._cors is None else join(edits, self._cors.edits(head))


class Route:
    """One match and what its rule does with a request that it takes."""

    __slots__ = ("_bounds", "_choices", "_total", "match", "origin", "position", "rule_origin")

    def __init__(
        self,
        position: int,
        match: RequestMatch,
        origin: str,
        rule_origin: str,
        weighted: list[tuple[int, Choice]],
    ) -> None:
        """A route.

        Args:
            position: its place in the list; the lowest that matches decides.
            match: what it asks of a request.
            origin: of the match.
            rule_origin: of the rule.
            weighted: positive weights and their choices, at least one.
        """
        self.position = position
        self.match = match
        self.origin = origin
        self.rule_origin = rule_origin
        self._choices = tuple(choice for _, choice in weighted)
        self._bounds = list(accumulate(weight for weight, _ in weighted))
        self._total = self._bounds[-1]

    @property
    def shares(self) -> list[tuple[int, Choice]]:
        """Each choice with its weight."""
        starts = (0, *self._bounds)
        return [
            (end - start, choice)
            for start, end, choice in zip(starts, self._bounds, self._choices, strict=False)
        ]

    def decide(self, head: Head, rng: Callable[[], float]) -> Verdict:
        """The verdict for a request that matches; ``rng`` is uniform in [0, 1)."""
        choices = self._choices
        choice = (
            choices[0] if len(choices) == 1 else choices[bisect_right(self._bounds, int(rng() * self._total))]
        )
        return choice.decide(head, rng, self.rule_origin, self.origin)


class RouteTable:
    """Routes in order of precedence, and an index over them."""

    __slots__ = ("_always", "_index", "routes")

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._index: PathIndex[Route] = PathIndex()
        self._always: Route | None = None

    def add(self, route: Route) -> None:
        """Enter the next route of the list."""
        if not self.routes and route.match.takes_all:
            self._always = route
        self.routes.append(route)
        self._index.add(route.match.path, route)

    def first(self, head: Head) -> Route | None:
        """The first route that matches."""
        if self._always is not None:
            return self._always
        best: Route | None = None
        for routes in self._index.candidates(head.normal_path):
            for route in routes:
                if best is not None and route.position > best.position:
                    break
                if route.match.unconditional or route.match.unindexed_holds(head):
                    best = route
                    break
        return best


def permit_all(filters: Filters) -> tuple[Permit, ...]:
    """The mirrors that every request has."""
    return tuple(mirror.permit for mirror in filters.mirrors if mirror.always)
