"""What is legal but wrong: rules over the whole Mesh, one entry of one family each.

``registry`` is the table, ``absence`` what may be concluded from not finding something, ``waivers`` what was accepted,
``run`` runs them all. The families: ``references``, ``routing``, ``authorization``.
"""

from mesh_compiler.rules import authorization, references, routing
from mesh_compiler.rules.checked import Checked
from mesh_compiler.rules.run import check

__all__ = ["Checked", "authorization", "check", "references", "routing"]
