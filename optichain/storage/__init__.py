"""Files: read with every fault, written whole or not at all; JSON, TOML, lists, sheets and checkpoints."""
