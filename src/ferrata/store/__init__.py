"""Content-addressed data and pipeline files in the file formats of DVC 3.

hashing.py        digests of files and folders; legacy.py those of DVC before 3; index.py which are known already
ignoring.py       `.dvcignore`
cache.py          objects by digest, put and checked out; workspace.py files of the project made from objects
links.py          how one file becomes another, and the seal of an object
drafts.py         writing so that nothing is ever half there
parallel.py       small work on a few threads
yaml12.py         YAML 1.2 as DVC reads and writes it
config.py         `.dvc/config` and the files beside it; ini.py is their text
dvcfile.py        `data/churn.csv.dvc`; sources.py finds them; named.py what they and `dvc.lock` name
init.py           `.dvc/`, `.dvcignore`, entries of `.gitignore`
remote.py         where objects are shared: a folder; remote_fs.py S3 and others, with remote_options.py and remote_failures.py
transfer.py       push and pull of objects
pipeline.py       `dvc.yaml` read and written: schema.py what it may hold, context.py and interpolation.py `${…}`, expansion.py loops, stages.py entries
params.py         files of parameters; set_values.py changes one value in them
lock.py           `dvc.lock`
graph.py          which stage waits for which
changes.py        why a stage must run, from contents.py (what paths hold) and variables.py (the environment)
engine.py         one stage brought up to date; aside.py keeps its last results, runcache.py those of every run
plan.py           what would become of each stage
scheduler.py      stages at the same time; runner.py one after the other
artifacts.py      the text of a project's `artifacts.py`

The formats are DVC's: https://dvc.org/doc/user-guide/project-structure. Nothing here needs DVC; the tests compare with it.
"""
