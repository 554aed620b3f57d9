"""A whole mesh on this machine: one sidecar and one application for each workload, all on loopback.

``apps`` reads ``meshc.up.yaml``; ``ports`` hands out addresses that stay; ``places`` says where each workload runs;
``files`` writes what a sidecar reads; ``publisher`` signs releases; ``process`` and ``crew`` keep children alive and
leave no orphans (``reaper``); ``admin`` asks sidecars how they are; ``engine`` drives it all; ``narrator`` says what
happens; ``echo`` is the application where none is given. Nothing is re-exported: children import this package too, and
start fast.
"""
