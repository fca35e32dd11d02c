"""The usual measures of the bones of a hand in millimetres and degrees, in the frame of `skeleton`."""

# ray -> base and head of the metacarpal
METACARPALS = {
    1: ((25.6, 36.8), (51.6, 62.8)),
    2: ((12.2, 37.2), (24.2, 100.0)),
    3: ((1.0, 35.6), (1.0, 102.0)),
    4: ((-9.4, 34.4), (-18.8, 95.2)),
    5: ((-17.0, 32.2), (-35.8, 87.0)),
}
LENGTHS = {  # proximal, middle (none in the thumb), distal phalanx
    1: (30.4, 0.0, 22.5),
    2: (38.6, 23.0, 16.6),
    3: (43.2, 26.8, 17.8),
    4: (40.2, 25.6, 17.8),
    5: (31.4, 18.6, 15.8),
}
WIDTHS = {  # per bone: base, shaft, head
    1: ((14.5, 10.2, 14.8), (14.6, 8.8, 12.4), (0.0, 0.0, 0.0), (13.0, 6.6, 9.4)),
    2: ((16.6, 8.8, 15.4), (15.4, 8.4, 11.4), (12.8, 7.6, 9.7), (10.2, 4.7, 6.8)),
    3: ((14.2, 8.8, 15.2), (15.8, 8.7, 11.8), (13.2, 8.0, 10.0), (10.6, 5.0, 7.2)),
    4: ((11.6, 7.0, 13.2), (14.2, 8.0, 11.0), (12.2, 7.3, 9.4), (10.2, 4.7, 6.9)),
    5: ((12.8, 7.6, 12.4), (12.6, 6.9, 9.3), (10.2, 6.0, 8.0), (8.8, 4.0, 6.0)),
}
NOTCHES = {1: 0.05, 2: 0.42, 3: 0.08, 4: 0.12, 5: 0.15}  # of the metacarpal bases, see Shape
STURDY = {"metacarpal": 0.98, "proximal": 1.06, "middle": 1.1, "distal": 1.1}  # shafts against WIDTHS
SLANTS = {1: -0.1, 2: 0.14, 3: -0.16, 4: 0.0, 5: 0.08}
CORTEX = {"metacarpal": 0.26, "proximal": 0.2, "middle": 0.175, "distal": 0.2}  # share of the shaft's width
FAN = {1: 36.0, 2: 15.0, 3: 4.5, 4: -5.5, 5: -21.0}  # degrees of the proximal phalanges with fingers spread
GAPS = {"MP": 1.9, "PIP": 1.25, "IP": 1.3, "DIP": 1.0}
