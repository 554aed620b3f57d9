"""The agent: fetches a workload's bundle, verifies it, and hands it to the data process by a pipe.

Two halves that share this package and nothing else. In the data process, standard library only: ``watch``
tells when to look, ``runner`` runs the agent, ``frame`` reads what it says, ``config`` is what it is told. In
the agent's own process, which starts when there is something to fetch and exits: ``download`` brings the
files, ``offline`` verifies them, ``state`` keeps them and the high-water mark, ``fetch`` is one run. Nothing
here is imported for you: importing a name of the second half loads tuf and cryptography, 25 MB that the data
process must never carry.
"""
