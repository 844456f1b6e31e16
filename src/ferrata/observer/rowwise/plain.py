"""Values of rows and answers as JSON has them."""


def as_json(value):
    """A gap is None; what JSON has no word for is text."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, float) and value != value:
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def as_whole(value, is_whole):
    """pandas reads whole numbers with gaps as floats; JSON says them as what they are."""
    return int(value) if is_whole and isinstance(value, float) else value
