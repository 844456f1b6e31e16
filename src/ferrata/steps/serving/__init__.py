"""A project's model as a service: its files, the packages it needs, its clients, and the replay of the proof rows through it."""
