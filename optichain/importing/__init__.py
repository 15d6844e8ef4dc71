"""From raw extracts of a manufacturer's systems to an instance: nothing lost, every estimate written down."""
