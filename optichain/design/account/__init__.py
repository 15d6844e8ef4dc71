"""What measures come to without an optimiser (3.5): accounts, claims, certificates, promises."""
