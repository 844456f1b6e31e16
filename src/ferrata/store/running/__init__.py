"""Bring stages up to date.

changes.py      why a stage must run, from contents.py (what paths hold) and variables.py (the environment)
engine.py       one stage brought up to date; aside.py keeps its last results, runcache.py those of every run
plan.py         what would become of each stage
scheduler.py    stages at the same time; runner.py one after the other
"""
