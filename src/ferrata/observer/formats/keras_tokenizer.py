"""A tokenizer's own JSON: the `Tokenizer` of `keras.preprocessing.text`, with its vocabulary and counts.

Round-trips: words in the order of their indices, counts, settings, the types of its tables.
Does not: an analyzer of the author's, words that are no text.
Source: https://www.tensorflow.org/api_docs/python/tf/keras/preprocessing/text/Tokenizer#to_json
"""

name = "keras_tokenizer"
suffix = ".tokenizer"
runs_code = False


def accepts(value):
    owner = type(value)
    return owner.__name__ == "Tokenizer" and owner.__module__.split(".")[0].startswith("keras") and "preprocessing.text" in owner.__module__


def save(value, path):
    """Write a tokenizer of Keras as its own JSON."""
    from pathlib import Path

    Path(path).write_text(value.to_json(), encoding="utf-8")


def load(path):
    """Read what `save_keras_tokenizer` wrote; Keras itself would change the types of its counts."""
    from collections import OrderedDict, defaultdict
    from pathlib import Path

    from tensorflow.keras.preprocessing.text import tokenizer_from_json

    tokenizer = tokenizer_from_json(Path(path).read_text(encoding="utf-8"))
    tokenizer.word_counts = OrderedDict(tokenizer.word_counts)
    tokenizer.word_docs = defaultdict(int, tokenizer.word_docs)
    tokenizer.index_docs = defaultdict(int, tokenizer.index_docs)
    return tokenizer
