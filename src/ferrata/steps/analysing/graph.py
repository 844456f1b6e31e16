from ferrata.dataflow.graph import *  # noqa: F403
