"""What is there or not (3.1, 3.2): what can be provided, single points of failure, cut sets, their probabilities."""
