"""Gaps that the notebook fills from the rows around them."""

COMPLETE = '''def complete(rows):
    """The rows as they are. One with a gap is rejected: the notebook fills it from the rows around it, and a row that is asked about has none."""
    gaps = rows.isna().to_numpy().reshape(len(rows), -1)
    if gaps.any():
        number, column = np.argwhere(gaps)[0]
        name = str(rows.columns[column] if hasattr(rows, "columns") else rows.name)
        raise Rejected(int(number), name if name in INPUTS else "", f"{name} is missing, and the notebook fills it from the rows around it")
    return rows
'''
