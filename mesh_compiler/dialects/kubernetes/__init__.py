"""Kubernetes' own objects, as far as a mesh has use for them.

``service`` and ``cluster`` (Namespace, ServiceAccount) are what names things; ``workloads`` what runs pods,
``pod_spec`` what these are, ``pods`` one view of them all; ``fields`` finds misspelt fields. Of these objects' many
fields we read a few, and never judge the rest.
"""
