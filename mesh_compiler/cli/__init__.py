"""The ``meshc`` command line: the only code that reads arguments, prints, and exits. One file a subcommand.

Exit codes have one meaning each, in every command: 0 clean, 1 findings at or above the asked severity, 2 the tool
could not run.
"""
