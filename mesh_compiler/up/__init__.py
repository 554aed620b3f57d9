"""A whole mesh on this machine: one sidecar and one application for each workload, all on loopback.

``session`` is one run; ``wanted`` what the files ask for, ``apps`` the part of it in ``meshc.up.yaml``, ``changes``
when they change. ``engine`` brings it into force: ``ports`` and ``places`` say where each workload runs,
``placeholders`` and ``spec`` what runs there, ``state``, ``credentials`` and ``publisher`` write what sidecars read,
``crew`` and ``process`` keep children alive, ``orphans`` and ``reaper`` let none outlive us, ``waiting`` and ``admin``
ask how they are. ``narrator`` says what happens; ``echo`` is the application where none is given. Nothing is
re-exported: children import this package too, and start fast.
"""
