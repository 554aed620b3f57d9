"""Why one request is routed and allowed as it is: the deciding rule, its line, and why everything else lost.

``data`` is the answer, ``outbound`` and ``inbound`` the two halves of the question, ``text`` and ``json`` how it is
shown. All of it is asked of ``mesh.semantics``, the literal reading, and so needs nothing that runs.
"""

from mesh_compiler.explain.answer import explain
from mesh_compiler.explain.data import Considered, Explanation, Half

__all__ = ["Considered", "Explanation", "Half", "explain"]
