"""The certificate authority of a mesh on this machine. Its key lives in this process and nowhere else."""

from datetime import datetime
from typing import TYPE_CHECKING

from mesh_compiler.certificates import LEAF_LIFE, Authority, CertificateError, Issued, save_issued
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import Place
from mesh_compiler.up.state import State

if TYPE_CHECKING:
    from mesh_compiler.mesh.names import Key


class Credentials:
    """Issues to each workload a certificate for its identity, and renews it in time."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._authority: Authority | None = None
        self._issued: dict[Key, Issued] = {}

    def provide(self, trust_domain: str, place: Place, now: datetime) -> None:
        """See to it that a workload has a good certificate.

        Raises:
            UpError: there can be none for its identity.
        """
        try:
            authority = self._authority_of(trust_domain, now)
            known = self._issued.get(place.key)
            if known and known.identity == place.identity and known.not_after - now > LEAF_LIFE / 2:
                return
            issued = authority.issue(place.identity, now)
            save_issued(issued, self._state.workload(place.key))
        except CertificateError as problem:
            raise UpError(str(problem)) from problem
        self._issued[place.key] = issued

    @property
    def trust(self) -> tuple[str, ...]:
        """The certificates that sidecars trust: ours alone."""
        return (self._authority.certificate_pem.decode(),) if self._authority else ()

    def _authority_of(self, trust_domain: str, now: datetime) -> Authority:
        if self._authority is None or self._authority.trust_domain != trust_domain:
            self._authority = Authority.create(trust_domain, now)
            self._issued.clear()
        return self._authority
