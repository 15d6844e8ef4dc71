"""Makes the instance guangdong-100: ``python -m instances.generators.guangdong FOLDER --seed 2026``."""
