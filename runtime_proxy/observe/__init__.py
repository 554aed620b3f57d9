"""What happened, told: counted, logged, kept for whoever asks. It decides nothing.

``metrics`` counts, ``exposition`` writes the counts in Prometheus' text format, ``process`` reads the
process's own figures; ``access_log`` is one line per request; ``refusals`` the lines and the memory of what
was refused; ``status`` the conditions of ``/status``; ``refusal_page`` the documentation of
the reasons; ``timestamps`` a point in time as text.
"""
