"""What the engine says of rules, inputs and plans: English sentences that a report can say in another language."""

from __future__ import annotations

from optichain.sentences.catalogue import ENGLISH
from optichain.sentences.sentence import Sentence, read_sentences, say, sentences_in

__all__ = ["ENGLISH", "Sentence", "read_sentences", "say", "sentences_in"]
