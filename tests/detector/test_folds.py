"""Folds: by patient, even, the same for a seed, written once, and without leaks."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_samples import edit, image, make_release, tree

from detector.dataset import Contents, Folds, ReleaseError, ReleaseImage, faults, read_release
from detector.errors import DetectorError
from detector.folds import LeakError, PartCounts, images_of, part, refuse_leaks, split, tally, write_folds

Visits = list[tuple[int, int]]  # findings of each kind at each visit


def contents(patients: list[Visits], test: tuple[str, ...] = ()) -> Contents:
    images = [
        image(f"P{n:03d}", visit, *findings)
        for n, visits in enumerate(patients)
        for visit, findings in enumerate(visits, 1)
    ]
    return Contents(tuple(images), test)


def like_the_paper(seed: int) -> Contents:
    """130 patients at two visits; ankylosis on 3 % of the joints, displacement on 1.3 %, on few patients."""
    rng = np.random.Generator(np.random.PCG64(seed))
    ill = rng.random(130) < 0.3
    counts = rng.poisson((1.9, 0.8), (130, 2, 2)) * ill[:, None, None]
    return contents([[(int(a), int(d)) for a, d in visits] for visits in counts])


def counted(held: Contents, folds: Folds) -> list[PartCounts]:
    return [tally(i for i in held.images if i.patient in fold) for fold in folds.patients]


@pytest.mark.parametrize("seed", range(8))
def test_folds_like_the_paper_s_are_even(seed: int) -> None:
    held = like_the_paper(seed)
    found = counted(held, split(held, seed=seed))
    assert [(f.patients, f.images) for f in found] == [(26, 52)] * 5
    assert max(f.ankylosed for f in found) - min(f.ankylosed for f in found) <= 1
    assert max(f.displaced for f in found) - min(f.displaced for f in found) <= 1


def test_five_rare_positives_go_to_five_folds() -> None:
    held = contents([[(1, 0)]] * 5 + [[(0, 1)]] * 5 + [[(0, 0)]] * 40)
    for seed in range(5):
        found = counted(held, split(held, seed=seed))
        assert [(f.patients, f.ankylosed, f.displaced) for f in found] == [(10, 1, 1)] * 5


def test_patients_with_more_visits_are_spread_too() -> None:
    held = contents([[(0, 0)] * 4] * 5 + [[(0, 0)] * 2] * 10 + [[(0, 0)]] * 10)
    found = counted(held, split(held))
    assert [(f.patients, f.images) for f in found] == [(5, 10)] * 5


one_visit = st.tuples(st.integers(0, 4), st.integers(0, 4))


@settings(deadline=None)
@given(
    st.lists(st.lists(one_visit, min_size=1, max_size=3), min_size=2, max_size=30),
    st.integers(2, 6),
    st.integers(0, 9),
    st.data(),
)
def test_every_patient_is_in_one_fold_and_none_is_empty(
    patients: list[Visits], count: int, seed: int, data: st.DataObject
) -> None:
    count = min(count, len(patients))
    held = contents(patients)
    folds = split(held, count=count, seed=seed)
    codes = [code for fold in folds.patients for code in fold]
    assert sorted(codes) == sorted({i.patient for i in held.images})
    sizes = {len(fold) for fold in folds.patients}
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) > 0
    # neither the order of the images nor another run makes a difference
    mixed = Contents(tuple(data.draw(st.permutations(held.images))))
    assert split(mixed, count=count, seed=seed) == folds


def test_no_swap_would_make_folds_more_even() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    held = contents([[(int(a), int(d))] for a, d in rng.poisson(0.7, (23, 2))])
    folds = split(held, count=4, seed=3)
    counts = {i.patient: np.array([1, i.ankylosed, i.displaced]) for i in held.images}
    totals = np.sum(list(counts.values()), axis=0)

    def unevenness(groups: list[list[str]]) -> float:
        sums = np.array([np.sum([counts[code] for code in group], axis=0) for group in groups])
        return float((((sums / totals) - 1 / len(groups)) ** 2).sum())

    groups = [list(fold) for fold in folds.patients]
    least = unevenness(groups)
    for a in range(4):
        for b in range(a):
            for i in range(len(groups[a])):
                for j in range(len(groups[b])):
                    groups[a][i], groups[b][j] = groups[b][j], groups[a][i]
                    assert unevenness(groups) > least - 1e-9
                    groups[a][i], groups[b][j] = groups[b][j], groups[a][i]


def test_another_seed_gives_other_folds() -> None:
    held = like_the_paper(0)
    assert len({split(held, seed=seed).patients for seed in range(5)}) == 5


def test_folds_of_a_seed_stay_what_they_were() -> None:
    held = contents([[(n % 3, n % 2)] for n in range(12)])
    assert split(held, count=3, seed=11).patients == (
        ("P002", "P005", "P006", "P009"),
        ("P000", "P003", "P008", "P011"),
        ("P001", "P004", "P007", "P010"),
    )


def test_test_patients_are_in_no_fold() -> None:
    held = replace(like_the_paper(0), test=("P003", "P007"))
    folds = split(held)
    assert not {"P003", "P007"} & {code for fold in folds.patients for code in fold}
    assert sum(len(fold) for fold in folds.patients) == 128


@pytest.mark.parametrize(
    ("count", "seed", "words"),
    [
        (1, 0, "2 to 100 folds"),
        (101, 0, "2 to 100 folds"),
        (5, -1, "a seed from 0"),
        (4, 0, "3 patients cannot be divided into 4"),
    ],
)
def test_impossible_divisions_are_refused(count: int, seed: int, words: str) -> None:
    with pytest.raises(DetectorError, match=words):
        split(contents([[(0, 0)]] * 3), count=count, seed=seed)


def by_patient(*codes: str) -> list[ReleaseImage]:
    return [image(code, visit) for visit, code in enumerate(codes, 1)]


def test_leak_is_refused_by_name() -> None:
    refuse_leaks({"fold 1": by_patient("A", "A", "B"), "fold 2": by_patient("C"), "the test set": []})
    parts = {"fold 1": ["A"], "fold 2": ["B", "C", "D"], "the test set": ["C", "B"]}
    images = {name: by_patient(*codes) for name, codes in parts.items()}
    with pytest.raises(LeakError, match=r"Patient B, C is in fold 2 and in the test set\."):
        refuse_leaks(images)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("sound") / "release").folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "release"))


def test_parts_of_a_release(sound: Path) -> None:
    release = read_release(sound)
    assert release.folds is not None
    for n in range(2):
        found = part(release, n)
        assert {i.patient for i in found.held_out} == set(release.folds.patients[n])
        assert {i.patient for i in found.train} == set(release.folds.patients[1 - n])
        assert len(found.held_out) == len(found.train) == 2  # both visits
    assert len(images_of(release, release.contents.test)) == 2


@pytest.mark.parametrize(
    "patients",
    [
        (("P00000", "P00001"), ("P00001",)),
        (("P00000", "P00002"), ("P00001",)),
    ],
)
def test_parts_of_a_release_with_a_leak_are_refused(
    sound: Path, patients: tuple[tuple[str, ...], ...]
) -> None:
    """Also where the reader of the file, which refuses it as well, was passed by."""
    leaking = replace(read_release(sound), folds=Folds(0, patients))
    with pytest.raises(LeakError, match=r"Patient P0000[12] is in fold 1 and in (fold 2|the test set)"):
        part(leaking, 1)


def test_a_release_without_the_fold_has_no_parts(sound: Path) -> None:
    release = read_release(sound)
    for wrong, number in ((release, 2), (release, -1), (replace(release, folds=None), 0)):
        with pytest.raises(ReleaseError, match="no fold"):
            part(wrong, number)


def test_a_file_with_a_leak_is_not_read(folder: Path) -> None:
    edit(folder, "folds.json", lambda record: record["folds"][0].extend(record["folds"][1]))
    with pytest.raises(ReleaseError, match=r"P0000\d is in fold 1 and fold 2"):
        read_release(folder)


def test_folds_are_written_once(folder: Path, sound: Path) -> None:
    release = read_release(folder)
    assert release.folds is not None
    write_folds(release, release.folds)
    assert tree(folder) == tree(sound)
    other = Folds(1, release.folds.patients)
    with pytest.raises(ReleaseError, match="divided otherwise already"):
        write_folds(release, other)
    assert tree(folder) == tree(sound)
    write_folds(release, other, again=True)
    assert read_release(folder).folds == other
    assert faults(folder) == []


def test_folds_that_do_not_fit_are_not_written(folder: Path, sound: Path) -> None:
    with pytest.raises(ReleaseError, match="The patient P00009 has no image"):
        write_folds(read_release(folder), Folds(0, (("P00000",), ("P00009",))), again=True)
    with pytest.raises(ReleaseError, match="two or more lists"):
        write_folds(read_release(folder), Folds(0, (("P00000", "P00001"),)), again=True)
    assert tree(folder) == tree(sound)
