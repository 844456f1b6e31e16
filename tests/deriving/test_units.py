"""The unit that a column's name says, and no other."""

from __future__ import annotations

import pytest

from ferrata.steps.deriving.units import unit_of

NONE = (
    "Spending Score (1-100)", "total_m", "sales_last_12_months", "in", "cm", "Age", "Income (monthly)", "Model (old)", "x (a)", "min", "max_in", "price",
    "is_usd_account", "tax (%) of total", "",
)
UNITS = (
    ("price (EUR)", "EUR"), ("Annual Income (k$)", "k$"), ("sepal length (cm)", "cm"), ("Temp [°C]", "°C"), ("Age (years)", "years"), ("speed (km/h)", "km/h"),
    ("glucose ( mg/dL )", "mg/dL"), ("weight (in kg)", "kg"), ("height_cm", "cm"), ("Weight_KG", "kg"), ("SepalLengthCm", "cm"), ("discount_pct", "%"),
    ("price_usd", "USD"), ("humidity (%)", "%"), ("miles per hour (miles per h)", "miles per h"),
)


@pytest.mark.parametrize("column", NONE)
def test_in_doubt_there_is_none(column: str) -> None:
    assert unit_of(column) is None


@pytest.mark.parametrize(("column", "unit"), UNITS)
def test_a_unit_is_taken_from_the_name(column: str, unit: str) -> None:
    assert unit_of(column) == unit
