"""The three ways an instance is written: a folder, a workbook, a JSON file; and data frames."""
