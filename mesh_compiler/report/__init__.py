"""Findings as text. One module a format, each with ``render(report) -> str``.

``model`` is what is reported, ``text`` for people, ``json`` for programs (``schemas/findings.v1.json``), ``sarif`` for
code scanning, ``github`` for annotations of a workflow. ``snippet`` shows source lines; ``baseline`` sets aside the
findings that were there before. Every field passes an escape: what somebody wrote into their YAML never reaches a
terminal or a workflow runner as a command.
"""
