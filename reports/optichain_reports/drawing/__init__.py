"""Charts and network pictures of a report, as SVG."""
