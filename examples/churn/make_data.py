"""Write `data/telco_customers.csv`: 2,000 invented customers of a telecom company. `python make_data.py` gives the same bytes again.

Messy as such exports are: blank total charges of new customers, mixed spellings of the payment method, a few duplicated rows.
"""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

COLUMNS = (
    "customerID", "gender", "SeniorCitizen", "Partner", "Dependents", "tenure", "PhoneService", "InternetService", "OnlineSecurity",
    "TechSupport", "Contract", "PaperlessBilling", "PaymentMethod", "SupportCalls", "MonthlyCharges", "TotalCharges", "Churn",
)
CONTRACTS = ("Month-to-month", "One year", "Two year")
PAYMENTS = ("Electronic check", "Mailed check", "Bank transfer", "Credit card", "credit card")


def yes(rng: random.Random, share: float) -> str:
    return "Yes" if rng.random() < share else "No"


def customer(rng: random.Random, number: int) -> list[object]:
    contract = rng.choices(CONTRACTS, (0.55, 0.22, 0.23))[0]
    tenure = min(72, int(rng.expovariate(1 / (18 + 16 * CONTRACTS.index(contract)))))
    internet = rng.choices(("DSL", "Fiber optic", "No"), (0.35, 0.43, 0.22))[0]
    extras = [yes(rng, 0.35) if internet != "No" else "No internet service" for _ in range(2)]
    monthly = 20 + {"DSL": 28, "Fiber optic": 55, "No": 0}[internet] + 5 * extras.count("Yes") + rng.gauss(0, 4)
    payment, calls = rng.choices(PAYMENTS, (0.34, 0.22, 0.22, 0.18, 0.04))[0], min(9, int(rng.expovariate(1 / 1.3)))
    return [
        f"{rng.randint(1000, 9999)}-{number:05d}", rng.choice(("Female", "Male")), int(rng.random() < 0.16), yes(rng, 0.48), yes(rng, 0.3), tenure,
        yes(rng, 0.9), internet, *extras, contract, yes(rng, 0.6), payment, calls, round(monthly, 2),
        " " if tenure == 0 else round(monthly * tenure * rng.uniform(0.95, 1.05), 2), left(rng, contract, tenure, internet, payment, calls, extras),
    ]


def left(rng: random.Random, contract: str, tenure: int, internet: str, payment: str, calls: int, extras: list[str]) -> str:
    """Logistic in the contract, the months, fibre, electronic checks and calls; about one customer in four leaves."""
    pull = -0.6 - 1.5 * CONTRACTS.index(contract) - 0.035 * tenure + 1.1 * (internet == "Fiber optic") + 0.5 * (payment == "Electronic check")
    return yes(rng, 1 / (1 + math.exp(-1.4 * (pull + 0.45 * calls - 0.4 * extras.count("Yes")))))


def main() -> None:
    rng = random.Random(2024)
    rows = [customer(rng, number) for number in range(1994)]
    rows += [rows[number] for number in (17, 230, 411, 888, 1203, 1777)]
    target = Path(__file__).parent / "data" / "telco_customers.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
