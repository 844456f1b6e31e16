"""Releases and the targets they serve at: settings, what is kept of a target, and the acts of a rollout, a rollback and an end."""
