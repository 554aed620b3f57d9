"""The rules that binding can break, each with its page.

``objects`` concerns an object as a whole: its identity, its kind, its version. ``fields`` concerns what stands in it.
"""
