"""What checking comes to."""

from dataclasses import dataclass

from mesh_compiler.diagnostics.model import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say, in order. ``accepted`` are the findings that a Waiver takes out."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()

    @property
    def waived(self) -> int:
        """How many findings Waivers take out."""
        return len(self.accepted)
