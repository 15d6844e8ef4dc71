"""Rules of the tables, each told with file, row, column, cause and remedy."""
