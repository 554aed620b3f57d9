"""The kinds of ``meshc.dev``: what Gateway API and Kubernetes cannot say.

``mesh`` holds the defaults of a whole tree, ``workload`` what runs outside Kubernetes, ``traffic_policy`` how a Service
is called and ``authorization_policy`` who may, ``waiver`` accepted findings; ``traffic`` the blocks that Mesh and
TrafficPolicy share, ``targets`` what policies attach to, ``annotations`` what Kubernetes objects may say of calls.
"""
