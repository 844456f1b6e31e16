"""Features of the houses, shared by several notebooks."""

CONDITIONS = {"poor": 0, "fair": 1, "good": 2, "very good": 3}


def add_ratios(houses):
    houses = houses.copy()
    houses["AreaPerRoom"] = houses["LivingArea"] / houses["Rooms"]
    houses["Age"] = 2022 - houses["YearBuilt"]
    return houses
