"""The one meaning of a tree: references resolved, precedence decided, everything named once.

``names`` and ``model`` are the types; ``lower`` makes a ``Mesh`` of bound resources; ``semantics`` is the slow,
literal reading of the specification that shares no code with it; ``graph`` says who calls whom.
"""
