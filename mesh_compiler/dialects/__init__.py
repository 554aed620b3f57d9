"""Documents to resources: each object read by the schema of its own API group.

``bind`` turns documents into resources and findings; ``resource`` is what a resource is; ``kinds`` the table of the
kinds that are read. ``gateway_api``, ``kubernetes`` and ``mesh`` hold the kinds, one module each. ``model`` and
``types`` are what their schemas are made of, ``complaints`` turns a schema's complaints into findings, ``codes``
declares the rules that binding can break, ``json_schema`` writes the schemas for editors.
"""
