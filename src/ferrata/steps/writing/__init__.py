"""From a plan to files: modules, pipeline, parameters, README, tests."""
