"""Follow the rows of the data file through the author's statements: what is a table of rows, a filter of rows, or a value about all of them."""
