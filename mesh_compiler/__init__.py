"""``meshc``: from a repository of mesh policy to signed bundles, one per workload.

The stages, each a package, each importing only those before it::

    files --source--> Document --dialects--> Resource --mesh--> Mesh --rules--> Finding
                                                                 |
                                                                 +--project--> WorkloadConfig --emit--> bundle bytes
                                                                 +--graph, semantics, explain--> answers
    bundle bytes --release--> a TUF repository of static files

``diagnostics`` is what every stage says, as data; ``report`` renders it; ``cli`` alone reads arguments, prints and
exits.
"""

__version__ = "0.1.0"
