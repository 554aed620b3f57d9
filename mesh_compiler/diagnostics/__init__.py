"""What the compiler says, as data. Rendering is ``report``'s work.

``model`` is the finding; ``registry`` the table of rules, each with the page that documents it; ``suggest`` "did you
mean"; ``printable`` makes text from outside safe to show.
"""
