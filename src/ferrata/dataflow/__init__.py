"""Statements as a graph: what each reads and writes, what may be repeated, what must keep its order. Pure functions on records."""
