"""Documents to resources: each object read by the schema of its own API group.

``bind`` turns documents into resources and findings: ``unwrap`` opens lists, ``identify`` says what an object is,
``kinds`` is the table of what is read, ``remarks`` and ``repeats`` say what a schema cannot. ``resource`` is a
resource and the places in it. ``gateway_api``, ``kubernetes`` and ``mesh`` hold the kinds, one module each; ``model``,
``types`` and ``patterns`` are what their schemas are made of. ``complaints`` puts what a schema refuses into our words
(``words``, ``fields``), ``placing`` finds the place. ``codes`` declares the rules that binding can break;
``json_schema`` writes the schemas for editors.
"""
