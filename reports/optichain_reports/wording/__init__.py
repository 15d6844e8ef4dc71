"""How a report says it: texts, numbers, money and dates in each language."""
