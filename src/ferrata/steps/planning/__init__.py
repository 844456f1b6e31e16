"""From an analysis to a plan: what is kept, how it is cut into stages, what crosses, which literals become parameters."""
