"""How fast, how small: the sidecar beside Envoy, and the compiler on a generated tree.

Parts: `generate` writes a tree of N workloads, `compiler` times whole processes on it; `load` asks,
`origin` answers, `process` starts and measures, `contestants` are the proxies, `scenarios` what they are
told, `report` the table.
"""
