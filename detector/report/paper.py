"""The figures of Izumi et al. 2024 to stand beside, as printed there."""

from detector.metrics import FindingCounts

CITATION = "Izumi et al., Sci. Rep. 14:7696 (2024), doi 10.1038/s41598-024-58242-0"
FOLDS = 5

# Table 1, in % of the joints: of each fold, and on average
DETECTION = {
    "ankylosis": (("99.7", "99.8", "99.8", "99.9", "100.0"), "99.88"),
    "subluxation": (("99.89", "99.89", "100.0", "99.89", "100.0"), "99.93"),
    "ensemble": (("100.0", "99.90", "100.0", "100.0", "100.0"), "99.98"),
}

# Tables 3 and 2: TP, FP, TN, FN of each fold
FINDINGS = {
    "ankylosis": tuple(
        FindingCounts(*row)
        for row in ((24, 1, 965, 8), (24, 0, 967, 8), (28, 1, 969, 3), (27, 1, 969, 4), (24, 0, 969, 7))
    ),
    "subluxation": tuple(
        FindingCounts(*row)
        for row in ((6, 2, 887, 5), (9, 2, 889, 1), (17, 3, 880, 0), (8, 5, 882, 3), (8, 0, 889, 3))
    ),
}

# Results and discussion, Classification performance: means of the folds
AVERAGES = {
    "ankylosis": {
        "accuracy": "0.99", "precision": "0.98", "recall": "0.81", "specificity": "0.99", "f": "0.88",
        "mean_iou": "0.907",
    },
    "subluxation": {
        "accuracy": "0.99", "precision": "0.81", "recall": "0.78", "specificity": "0.99", "f": "0.78",
        "mean_iou": "0.902",
    },
}  # fmt: skip
