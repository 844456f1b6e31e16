"""Notebooks in miniature in which a network of torch is asked about files of images, each in another way."""

from __future__ import annotations

from dataclasses import dataclass

IMPORTS = """import os
import glob
import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset, random_split
torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")"""

NET = """class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(4, classes)

    def forward(self, x):
        x = torch.relu(self.conv(x)).mean(dim=(2, 3))
        return self.out(self.drop(x))"""
TRAIN = """model = Net(3).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(4):
    model.train()
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()"""
TEST = """model.eval()
correct, total = 0, 0
with torch.no_grad():
    for images, labels in test_loader:
        images, labels = images.to(device), labels.to(device)
        outputs = model(images)
        _, predicted = torch.max(outputs, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
accuracy = correct / total
print(accuracy)"""

SQUARES = """class Squares(Dataset):
    def __init__(self, table, folder, size=8, transform=None, target_transform=None):
        self.table = table
        self.folder = folder
        self.size = size
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self):
        return len(self.table)

    def __getitem__(self, idx):
        path = os.path.join(self.folder, self.table.iloc[idx, 0])
        image = Image.open(path).convert("RGB").resize((self.size, self.size))
        image = np.asarray(image, dtype=np.float32) / 255
        image = torch.from_numpy(image).permute(2, 0, 1)
        label = KINDS.index(self.table.iloc[idx, 1])
        if self.transform:
            image = self.transform(image)
        if self.target_transform:
            label = self.target_transform(label)
        return image, label"""
TABLE = """KINDS = ["bright", "dark", "striped"]
table = pd.read_csv("files.csv").sample(frac=1, random_state=3)
train_table, test_table = table[:16], table[16:]"""
FLIP = """class Flip:
    def __call__(self, image):
        return image.flip(-1) if torch.rand(1).item() < 0.5 else image"""


@dataclass(frozen=True)
class Case:
    """`holds` and `lacks`: pieces that `predict.py` must hold, or not; `why`: what stands in the way, "" for nothing; `of`: which rows."""

    name: str
    cells: tuple[str, ...]
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    why: str = ""
    of: str = "the rows that the notebook asks its model about"
    labels: tuple[str, ...] = ("bright", "dark", "striped")


OWN = (
    Case("a class of the author's, flipped at random in training alone", (
        IMPORTS, TABLE, FLIP, SQUARES,
        "train_set = Squares(train_table, 'squares', 10, transform=Flip())\ntest_set = Squares(test_table, 'squares', 10)",
        "train_loader = DataLoader(train_set, batch_size=4, shuffle=True)\ntest_loader = DataLoader(test_set, batch_size=4)",
        NET, TRAIN, TEST,
    ), ("for path in image_files:", ".resize((10, 10))", "torch.from_numpy(image).permute(2, 0, 1)", "state.model.eval()", "default_collate(found)"),
        ("Flip", "KINDS", "table", "device", "target_transform")),
    Case("the training set alone is asked about", (
        IMPORTS, TABLE, SQUARES, "train_set = Squares(table, 'squares')", "train_loader = DataLoader(train_set, batch_size=4, shuffle=True)",
        NET, TRAIN, "test_loader = DataLoader(train_set, batch_size=8)", TEST,
    ), ("for path in image_files:",), of="the training rows"),
    Case("images that are flipped at random are what is asked about", (
        IMPORTS, TABLE, FLIP, SQUARES, "train_set = Squares(table, 'squares', transform=Flip())",
        "train_loader = DataLoader(train_set, batch_size=4, shuffle=True)\ntest_loader = DataLoader(train_set, batch_size=8)", NET, TRAIN, TEST,
    ), why="changed at random"),
)
