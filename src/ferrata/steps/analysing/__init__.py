"""From an observation to a graph of statements with roles, scores, models and findings."""
