"""Why two runs give different results: two sides, what differs between them, and trials that show which difference does it."""
