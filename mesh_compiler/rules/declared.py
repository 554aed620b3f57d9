"""The modules of earlier stages that declare rules, imported so that the table of rules is whole."""

from mesh_compiler.dialects.codes import fields, objects
from mesh_compiler.source import codes, strict_codes, tree_codes

__all__ = ["codes", "fields", "objects", "strict_codes", "tree_codes"]
