"""The unit of a column, where its author wrote it into the name: `price (EUR)`, `height_cm`. In doubt there is none."""

from __future__ import annotations

import re

_CURRENCIES = "EUR USD GBP CHF INR JPY CNY CAD AUD BRL TRY € $ £ ₹ ¥ k$ k€ K$ euro euros dollars rupees lakhs"
# Single capitals are left out: `Vitamin (C)`, `Group (A)`.
_SYMBOLS = (
    "mm cm dm m km in inch inches ft feet mi miles mg g kg lb lbs oz ml mL dl l L s sec secs seconds ms min mins minutes h hr hrs hours days weeks months "
    "years yrs °C °F Pa hPa kPa mbar bar kW MW Wh kWh MWh mA Hz kHz MHz GHz kJ kcal Nm bhp hp PS cc KB MB GB TB kB mol mmol IU ppm ppb "
    "rad deg degrees px dB lux % percent m2 m² m3 m³ cm2 cm² cm3 cm³ km2 km² sqft sqm mph kmh kmph rpm mpg kmpl"
)
_UNITS = frozenset((*_CURRENCIES.split(), *_SYMBOLS.split()))
# Behind an underscore only what can mean nothing else: `total_m` and `sales_last_months` say no unit.
_ENDINGS = {
    **{name: name for name in "mm cm km kg mg lbs ml kwh mph kmh kmph hpa kpa mhz ghz usd eur gbp chf inr sqft sqm ppm".split()},
    "kwh": "kWh", "hpa": "hPa", "kpa": "kPa", "mhz": "MHz", "ghz": "GHz", "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF", "inr": "INR",
    "pct": "%", "percent": "%", "celsius": "°C", "fahrenheit": "°F",
}
_BRACKETED = re.compile(r"[(\[]\s*(?:in\s+)?([^()\[\]]{1,16}?)\s*[)\]]\s*$")
_ENDING = re.compile(r"(?:(?<=[A-Za-z0-9])_|(?<=[a-z])(?=[A-Z]))([A-Z]?[a-z]+|[A-Z]+)$")


def unit_of(column: str) -> str | None:
    """`Annual Income (k$)` → `k$`, `weight_kg` → `kg`, `SepalLengthCm` → `cm`; None where the name says none for sure."""
    bracketed = _BRACKETED.search(column)
    if bracketed:
        return bracketed[1] if _is_unit(bracketed[1]) else None
    ending = _ENDING.search(column)
    return _ENDINGS.get(ending[1].lower()) if ending else None


def _is_unit(text: str) -> bool:
    """A known unit, or a quotient of known ones (`km/h`, `mg/dL`)."""
    return all(part in _UNITS or part in ("dL", "m^2", "m^3") for part in re.split(r"\s*/\s*|\s+per\s+", text))
