"""Write the data of the sample notebooks: `python tests/notebooks/make_data.py` gives the committed files again, byte for byte.

Everything is invented here, with the standard library's generator and fixed seeds. Tables are messy on purpose: missing cells, stray
spaces, mixed capitals, numbers kept as text, categories that occur once.
"""

from __future__ import annotations

import csv
import math
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Rows = list[list[Any]]


def patients(rng: random.Random, rows: int = 300) -> Rows:
    """Diabetes screening: some measurements are missing; a glucose of 0 means not measured."""
    table: Rows = [["PatientID", "Age", "Sex", "BMI", "Glucose", "BloodPressure", "Smoker", "Outcome"]]
    for number in range(rows):
        age, bmi = rng.randint(21, 79), rng.gauss(27.5, 5)
        glucose, pressure = rng.gauss(112 + 0.25 * age, 22), rng.gauss(66 + 0.2 * age, 10)
        smoker = rng.random() < 0.25
        risk = 0.045 * (glucose - 122) + 0.11 * (bmi - 28) + 0.03 * (age - 50) + 0.5 * smoker + rng.gauss(0, 0.8)
        table.append([
            f"P{number:04d}", age, rng.choice(["F", "M"]), _sometimes(rng, 0.05, round(bmi, 1)),
            0 if rng.random() < 0.03 else round(glucose), _sometimes(rng, 0.08, round(pressure)), "yes" if smoker else "no", int(risk > 0.6),
        ])
    return table


def houses(rng: random.Random, rows: int = 320) -> Rows:
    """House prices in four districts, with skewed prices and a few missing years."""
    worth = {"Altstadt": 1.35, "Nordend": 1.1, "Hafen": 0.95, "Siedlung": 0.8}
    table: Rows = [["Id", "District", "LivingArea", "Rooms", "YearBuilt", "Condition", "Garage", "SalePrice"]]
    for number in range(1, rows + 1):
        district, area, year = rng.choice(list(worth)), max(28.0, rng.gauss(98, 32)), rng.randint(1905, 2021)
        condition, garage = rng.choice(["poor", "fair", "good", "very good"]), int(rng.random() < 0.45)
        rooms = max(1, round(area / 27 + rng.gauss(0, 0.6)))
        level = ["poor", "fair", "good", "very good"].index(condition)
        price = 2400 * area * worth[district] * (1 + 0.07 * level) * (1 + (year - 1960) / 900) + 14000 * garage
        table.append([
            number, district, round(area, 1), rooms, _sometimes(rng, 0.06, year), condition, garage, round(price * math.exp(rng.gauss(0, 0.12)), -2),
        ])
    return table


def loans(rng: random.Random, rows: int = 360) -> Rows:
    """Loan applications: categories with stray spaces and capitals, dependents as text ("3+")."""
    table: Rows = [[
        "Loan_ID", "Gender", "Married", "Dependents", "Education", "ApplicantIncome", "LoanAmount", "Credit_History", "Property_Area", "Loan_Status",
    ]]
    for number in range(rows):
        income, history = round(rng.lognormvariate(8.35, 0.5)), int(rng.random() < 0.82)
        amount, graduate = round(20 + income / 45 + rng.gauss(0, 25), 0), rng.random() < 0.75
        area = rng.choice(["Urban", "Rural", "Semiurban"])
        score = 2.6 * history - 0.9 * (amount * 32 / income - 0.9) + 0.5 * graduate + 0.5 * (area == "Semiurban") + rng.gauss(0, 0.7)
        table.append([
            f"LP{1000 + number}", _sometimes(rng, 0.03, rng.choice(["Male", "Female", "Male", "male "])), rng.choice(["Yes", "No"]),
            _sometimes(rng, 0.04, rng.choice(["0", "1", "2", "3+"])), "Graduate" if graduate else "Not Graduate", income,
            _sometimes(rng, 0.05, max(10.0, amount)), _sometimes(rng, 0.07, history), area, "Y" if score > 1.6 else "N",
        ])
    return table


def employees(rng: random.Random, rows: int = 340) -> Rows:
    """Staff turnover, unbalanced: about one in three left."""
    table: Rows = [["EmployeeNumber", "Department", "Age", "MonthlyIncome", "OverTime", "YearsAtCompany", "JobSatisfaction", "DistanceFromHome", "Attrition"]]
    for number in range(rows):
        department, age = rng.choice(["Sales", "Research & Development", "Human Resources", "Sales"]), rng.randint(19, 62)
        years = min(age - 18, int(rng.expovariate(1 / 6)))
        income = round(1800 + 65 * (age - 18) + 210 * years + rng.gauss(0, 700))
        overtime, satisfaction, distance = rng.random() < 0.3, rng.randint(1, 4), rng.randint(1, 29)
        leaves = 1.4 * overtime - 0.5 * satisfaction - 0.00035 * (income - 4000) + 0.04 * distance - 0.06 * years + rng.gauss(0, 0.7)
        table.append([
            number + 1, department, age, max(1100, income), "Yes" if overtime else "No", years, satisfaction, distance, "Yes" if leaves > 0.25 else "No",
        ])
    return table


def customers(rng: random.Random, rows: int = 220) -> Rows:
    """Shop customers in five groups of income and spending."""
    centres = [(25, 20), (26, 78), (55, 50), (88, 17), (87, 82)]
    table: Rows = [["CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]]
    for number in range(1, rows + 1):
        income, spending = rng.choice(centres)
        table.append([
            number, rng.choice(["Male", "Female"]), rng.randint(18, 70), max(12, round(rng.gauss(income, 6))), min(100, max(1, round(rng.gauss(spending, 7)))),
        ])
    return table


def sales(rng: random.Random, months: int = 120) -> Rows:
    """Ten years of monthly sales with a trend and a season."""
    table: Rows = [["Month", "Sales"]]
    for number in range(months):
        season = 18 * math.sin(2 * math.pi * (number % 12) / 12) + (22 if number % 12 == 11 else 0)
        table.append([f"{2014 + number // 12}-{number % 12 + 1:02d}", round(140 + 1.3 * number + season + rng.gauss(0, 6), 1)])
    return table


def bikes(rng: random.Random, rows: int = 365) -> Rows:
    """Daily bike rentals of one year with weather."""
    table: Rows = [["dteday", "season", "weekday", "holiday", "temp", "humidity", "windspeed", "cnt"]]
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    days = [(month + 1, day + 1) for month, length in enumerate(lengths) for day in range(length)]
    for number, (month, day) in enumerate(days[:rows]):
        temperature = 11 - 11 * math.cos(2 * math.pi * (number - 20) / 365) + rng.gauss(0, 3)
        humidity, wind = min(100.0, max(20.0, rng.gauss(65, 14))), abs(rng.gauss(13, 6))
        count = 900 + 165 * temperature - 14 * (humidity - 60) - 22 * wind + 250 * (number % 7 in (5, 6)) + rng.gauss(0, 320)
        table.append([
            f"2023-{month:02d}-{day:02d}", (month % 12) // 3 + 1, number % 7, int(rng.random() < 0.03), round(temperature, 1),
            _sometimes(rng, 0.04, round(humidity)), round(wind, 1), max(25, round(count)),
        ])
    return table


def wines(rng: random.Random, rows: int = 300) -> Rows:
    """Wine chemistry with a quality of 3 to 8; semicolons between the columns, as such files come."""
    table: Rows = [["fixed acidity", "volatile acidity", "residual sugar", "pH", "sulphates", "alcohol", "quality"]]
    for _ in range(rows):
        fixed, volatile, sugar = rng.gauss(8.3, 1.6), abs(rng.gauss(0.52, 0.17)), abs(rng.gauss(2.5, 1.1))
        acid, sulphates, alcohol = rng.gauss(3.31, 0.15), abs(rng.gauss(0.66, 0.15)), rng.gauss(10.4, 1.05)
        quality = 5.6 + 0.45 * (alcohol - 10.4) - 1.8 * (volatile - 0.52) + 1.4 * (sulphates - 0.66) + rng.gauss(0, 0.5)
        measured = [round(fixed, 1), round(volatile, 2), round(sugar, 1), round(acid, 2), round(sulphates, 2), round(alcohol, 1)]
        table.append([*measured, min(8, max(3, round(quality)))])
    return table


_PRAISE = {
    "cs": ["výborná káva", "příjemná obsluha", "skvělý koláč", "určitě se vrátíme", "krásné prostředí"],
    "de": ["sehr freundlich", "köstlicher Käsekuchen", "schöne Terrasse", "großartiger Kaffee", "gerne wieder"],
    "fr": ["très bon café", "service impeccable", "gâteau délicieux", "équipe chaleureuse", "à recommander ☕"],
}
_BLAME = {
    "cs": ["studená polévka", "příšerná obsluha", "dlouhé čekání", "špinavé stoly", "už nikdy"],
    "de": ["unfreundliche Bedienung", "viel zu teuer", "kalter Kaffee", "lange Wartezeit für nichts", "nie wieder"],
    "fr": ["café froid", "serveur désagréable", "trop cher", "gâteau sec", "déçu 😞"],
}
_FILLERS = ["náměstí", "Straße", "café", "dnes", "heute", "aujourd'hui", "s dětmi", "mit Freunden", "en famille", "12 €", "à 18 h"]


def messages(rng: random.Random, rows: int = 400) -> Rows:
    """Short messages; those that nobody wants mix in words of their own."""
    usual = "meeting lunch tomorrow report please invoice thanks see you later project call team holiday school dinner train ticket ready sent file".split()
    unwanted = "free win prize cash click now offer urgent claim winner bonus credit loan guaranteed limited call txt".split()
    table: Rows = [["message", "label"]]
    for _ in range(rows):
        is_spam = rng.random() < 0.4
        words = [rng.choice(unwanted if (is_spam and rng.random() < 0.6) else usual) for _ in range(rng.randint(3, 14))]
        table.append([" ".join(words).capitalize() + rng.choice([".", "!", "", "?!"]), "spam" if is_spam else "ham"])
    return table


def reviews(rng: random.Random, rows: int = 260) -> Rows:
    """Café reviews in Czech, German and French, with emoji and a few empty texts."""
    table: Rows = [["datum", "text", "hodnocení"]]
    for number in range(rows):
        language, good = rng.choice(["cs", "de", "fr"]), rng.random() < 0.55
        mostly, rarely = (_PRAISE, _BLAME) if good else (_BLAME, _PRAISE)
        words = rng.sample(mostly[language], 2) + rng.sample(_FILLERS, 2) + ([rng.choice(rarely[language])] if rng.random() < 0.35 else [])
        rng.shuffle(words)
        table.append([f"{rng.randint(1, 28)}.{rng.randint(1, 12)}.2022", "" if number % 61 == 60 else ", ".join(words), "pozitivní" if good else "negativní"])
    return table


def _sometimes(rng: random.Random, share: float, value: Any) -> Any:
    """`value`, or an empty cell for a `share` of the calls."""
    return "" if rng.random() < share else value


def write_table(path: Path, rows: Rows, *, separator: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)


def write_png(path: Path, pixels: Sequence[Sequence[tuple[int, int, int]]]) -> None:
    """An 8-bit RGB image (PNG specification, third edition: IHDR, IDAT, IEND)."""
    raw = b"".join(b"\0" + bytes(channel for pixel in row for channel in pixel) for row in pixels)
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b"")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ))


def drawing(rng: random.Random, shape: str, size: int = 24) -> list[list[tuple[int, int, int]]]:
    """A bright disc, square or cross somewhere on a dark, slightly noisy ground; `size` pixels a side."""
    middle_x, middle_y, radius = rng.uniform(9, 15), rng.uniform(9, 15), rng.uniform(4, 7)
    colour = tuple(rng.randrange(120, 256, 8) for _ in range(3))

    def covered(x: int, y: int) -> bool:
        across, down = abs(x - middle_x), abs(y - middle_y)
        if shape == "disc":
            return across**2 + down**2 < radius**2
        if shape == "square":
            return max(across, down) < radius * 0.85
        return min(across, down) < 1.6 and max(across, down) < radius * 1.2

    ground = [[rng.randrange(0, 64, 16) for _ in range(size)] for _ in range(size)]
    return [[(colour[0], colour[1], colour[2]) if covered(x, y) else (ground[y][x],) * 3 for x in range(size)] for y in range(size)]


def write_images(folder: Path, rng: random.Random, *, each: int = 30) -> None:
    for shape in ("cross", "disc", "square"):
        for number in range(each):
            write_png(folder / shape / f"{shape}_{number:03d}.png", drawing(rng, shape))


def write_listed_images(folder: Path, rng: random.Random, *, each: int = 14) -> None:
    """Images of all kinds in one folder, and a table that names them."""
    shapes = [shape for shape in ("cross", "disc", "square") for _ in range(each)]
    rng.shuffle(shapes)
    rows: Rows = [[f"img_{number:03d}.png", shape] for number, shape in enumerate(shapes)]
    for name, shape in rows:
        write_png(folder / "pictures" / name, drawing(rng, shape, 16))
    write_table(folder / "labels.csv", [["file", "kind"], *rows])


# Which table lies beside which notebook, under which name.
TABLES: tuple[tuple[Callable[[random.Random], Rows], int, str, tuple[str, ...]], ...] = (
    (patients, 11, ",", (
        "helper_reads_global/patients.csv", "fails_after_scores/patients.csv", "grid_search/patients.csv", "everything_in_main/patients.csv",
        "kaggle_input/patients.csv", "top_level_await/patients.csv", "duplicate_score_names/patients.csv", "star_import/patients.csv",
        "keras_tabular/patients.csv", "keras_half_seeded/patients.csv",
        "global_statement/patients.csv", "only_predicts/new_patients.csv",
    )),
    (houses, 12, ",", (
        "dummies_log_target/houses.csv", "windows_path/houses.csv", "numpy_float_alias/houses.csv", "local_module/houses.csv", "torch_regression/houses.csv",
        "xgboost_regression/houses.csv", "nbformat_3/houses.csv", "lambda_transformer/houses.csv", "python_2/houses.csv",
    )),
    (loans, 13, ",", (
        "two_models_one_saved/loan_train.csv", "pipeline_in_one_cell/loan_train.csv", "fillna_inplace/loan_train.csv",
        "custom_transformer_saved/loan_train.csv", "catboost_classifier/loan_train.csv", "colab_drive/loan_train.csv",
        "name_before_definition/loan_train.csv", "magics_and_shell/loan_train.csv",
    )),
    (employees, 14, ",", (
        "names_reassigned/HR_attrition.csv", "oversampled_before_split/HR_attrition.csv", "model_loop/HR_attrition.csv", "lightgbm_classifier/HR_attrition.csv",
        "removed_plot_call/HR_attrition.csv", "cells_out_of_order/HR_attrition.csv", "only_exploration/HR_attrition.csv", "secret_in_cell/HR_attrition.csv",
    )),
    (customers, 15, ",", ("kmeans/Mall_Customers.csv", "pca_clusters/Mall_Customers.csv", "asks_for_input/Mall_Customers.csv")),
    (sales, 16, ",", ("holt_forecast/monthly_sales.csv", "arima_forecast/monthly_sales.csv")),
    (bikes, 17, ",", (
        "no_seed/bike_days.csv", "parent_data_folder/data/bike_days.csv", "scores_by_hand/bike_days.csv", "ols_summary/bike_days.csv",
        "changes_directory/donnees/velos.csv", "prose_in_code_cell/bike_days.csv", "spaces_and_unicode/données vélos.csv",
    )),
    (wines, 18, ";", ("scaled_before_split/winequality.csv", "explores_after_seed/winequality.csv", "seaborn_positional/winequality.csv")),
    (reviews, 19, ",", ("text_not_ascii/recenze.csv",)),
    (messages, 7, ",", ("keras_texts/messages.csv",)),
)


def main() -> None:
    for table, seed, separator, paths in TABLES:
        for path in paths:
            write_table(HERE / path, table(random.Random(seed)), separator=separator)
    write_images(HERE / "keras_images" / "shapes", random.Random(20))
    write_images(HERE / "images_by_hand" / "shapes", random.Random(21), each=14)
    write_images(HERE / "keras_generator" / "drawings" / "train", random.Random(22), each=14)
    write_images(HERE / "keras_generator" / "drawings" / "test", random.Random(23), each=6)
    write_images(HERE / "images_in_arrays" / "shapes", random.Random(24), each=14)
    write_images(HERE / "tf_data_paths" / "shapes", random.Random(25), each=14)
    write_images(HERE / "opencv_rows" / "shapes", random.Random(26), each=14)
    write_images(HERE / "tf_list_files" / "shapes", random.Random(29), each=14)
    write_listed_images(HERE / "keras_table_of_names", random.Random(27))
    write_listed_images(HERE / "torch_workers", random.Random(28))


if __name__ == "__main__":
    main()
