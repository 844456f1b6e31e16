"""Content-addressed data and pipeline files in the file formats of DVC 3.

hashing.py    digests of files and folders
cache.py      objects by digest, put and checked out
yaml12.py     YAML 1.2 as DVC reads and writes it
dvcfile.py    `data/churn.csv.dvc`
pipeline.py   `dvc.yaml` and `params.yaml`
lock.py       `dvc.lock`
init.py       `.dvc/`, `.dvcignore`, entries of `.gitignore`
runner.py     run the stages that changed
artifacts.py  the text of a project's `artifacts.py`

The formats are DVC's: https://dvc.org/doc/user-guide/project-structure. Nothing here needs DVC; the tests compare with it.
"""
