"""What is legal but wrong: rules over the whole Mesh, one entry of one family each.

``registry`` is the table, ``absence`` what may be concluded from not finding something, ``waivers`` what was accepted,
``run`` runs them all, ``declared`` names those of earlier stages. The families: ``references``, ``routing``,
``authorization``, ``resilience``, ``topology``, ``governance``. They share ``reading``, ``covering``, ``doors``,
``texts`` and ``words``, and never import each other.
"""

from mesh_compiler.rules import authorization, declared, governance, references, resilience, routing, topology
from mesh_compiler.rules.checked import Checked
from mesh_compiler.rules.run import check

__all__ = [
    "Checked",
    "authorization",
    "check",
    "declared",
    "governance",
    "references",
    "resilience",
    "routing",
    "topology",
]
