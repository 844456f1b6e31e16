"""Content-addressed data and pipeline files in the file formats of DVC 3.

hashing.py    digests of files and folders; legacy.py those of DVC before 3; index.py which are known already
ignoring.py   `.dvcignore`
cache.py      objects by digest, put and checked out; workspace.py files of the project made from objects
links.py      how one file becomes another, and the seal of an object
drafts.py     writing so that nothing is ever half there
parallel.py   small work on a few threads
parsed.py     what small files say, kept so that it is read once
instant.py    an answer kept with everything it depends on
yaml12.py     YAML 1.2 as DVC reads and writes it
config.py     `.dvc/config` and the files beside it; ini.py is their text
dvcfile.py    `data/churn.csv.dvc`
init.py       `.dvc/`, `.dvcignore`, entries of `.gitignore`
artifacts.py  the text of a project's `artifacts.py`
pipelines/    `dvc.yaml`, `dvc.lock` and files of parameters
running/      stages brought up to date
remotes/      where objects are shared

The formats are DVC's: https://dvc.org/doc/user-guide/project-structure. Nothing here needs DVC; the tests compare with it.
"""
