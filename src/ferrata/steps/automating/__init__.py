"""Automate: the workflow of a forge that verifies, compares and reports, and the page on what it needs.

setting.py   what the project is: its remote, its main branch, which release of Ferrata
github.py    GitHub Actions
forgejo.py   Forgejo Actions (and Gitea's), which read GitHub's words
gitlab.py    GitLab CI
releasing.py the job that ships the main branch, for a project that has a target
needs.py     docs/ci.md: which secret, where to click
"""
