"""Verify: what is committed and pushed, cloned, installed, run and compared as a colleague would who has nothing else.

origin.py     which commit, from where
copy.py       the clone, its environment, what its stages see
supply.py     data from the remote
recorded.py   what the commit says came out, kept before anything runs
rebuild.py    every stage, run there
reads.py      which committed files a stage reads and does not declare
judge.py      recorded and obtained
standing.py   what is here and not there: uncommitted, unpushed
traces.py     of this machine in what is committed: absolute paths, packages beside the lock
diagnosis.py  why something failed
"""
