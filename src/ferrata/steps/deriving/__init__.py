"""The prediction function: follow the rows through the notebook, rewrite its statements for one row, write them as a module."""
