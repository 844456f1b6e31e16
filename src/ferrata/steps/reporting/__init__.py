"""Report: one comment in a pull request, kept up to date, and a status of the commit.

forges.py   the three APIs, as addresses and bodies
found.py    which forge, repository and pull request, from what CI systems set
shelf.py    the drawings of the comment, committed to a branch of their own
posting.py  find our comment, write it, set the status
"""
