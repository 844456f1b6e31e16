"""The image of a project's service: its settings, what goes in, its Dockerfile, its packages, its list of components, and the proof of it."""
