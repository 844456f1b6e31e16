"""Content-addressed data and pipeline files in the file formats of DVC 3.

hashing.py    digests of files and folders
ignoring.py   `.dvcignore`
index.py      which digests are known already
cache.py      objects by digest, put and checked out
workspace.py  files of the project made from objects
links.py      how one file becomes another, and the seal of an object
drafts.py     writing so that nothing is ever half there
parallel.py   small work on a few threads
config.py     `.dvc/config` and the files beside it; ini.py is their text
named.py      what `.dvc` files and `dvc.lock` name
remote.py     where objects are shared: a folder; remote_fs.py S3 and others, with remote_options.py and remote_failures.py
transfer.py   push and pull of objects
yaml12.py     YAML 1.2 as DVC reads and writes it
dvcfile.py    `data/churn.csv.dvc`
pipeline.py   `dvc.yaml` and `params.yaml`
lock.py       `dvc.lock`
init.py       `.dvc/`, `.dvcignore`, entries of `.gitignore`
runner.py     run the stages that changed
artifacts.py  the text of a project's `artifacts.py`

The formats are DVC's: https://dvc.org/doc/user-guide/project-structure. Nothing here needs DVC; the tests compare with it.
"""
