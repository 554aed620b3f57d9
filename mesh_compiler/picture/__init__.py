"""The call graph, drawn: as text, Mermaid, DOT, and one HTML page that needs nothing else.

``model`` is what is drawn, dialect of no format; ``layout`` places it; one file a format.
"""

from mesh_compiler.picture.model import Drawing, draw

__all__ = ["Drawing", "draw"]
