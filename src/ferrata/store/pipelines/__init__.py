"""Pipelines in DVC's files.

pipeline.py     `dvc.yaml` read and written: schema.py what it may hold, context.py and interpolation.py `${…}`, expansion.py loops, stages.py entries
params.py       files of parameters; set_values.py changes one value in them
lock.py         `dvc.lock`
sources.py      the data that `.dvc` files track
graph.py        which stage waits for which
"""
