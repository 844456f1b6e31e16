"""Repeat: the pipeline with other seeds, in copies of the working tree.

seeds.py    which parameters chance hangs on
copies.py   a copy that shares cache and environment, and its run
"""
