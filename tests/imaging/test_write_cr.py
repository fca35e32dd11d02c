"""What is written is valid, is read back as it was, and never stands half-written."""

import dataclasses
import re
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from dicom_files import film

from annotator.domain.errors import KnuckleError
from annotator.imaging.dicom import Spacing, read
from annotator.imaging.display import default_look, window_source
from annotator.imaging.write import CrFacts, Photometric, Voi, write_cr

FACTS = CrFacts(
    uid_key="P1 visit 1",
    patient_id="P1",
    patient_name="YAMADA^Taro=山田^太郎=やまだ^たろう",
    sex="F",
    birth_date=date(1950, 1, 2),
    study_date=date(2015, 3, 4),
    study_key="visit 1",
)


def complaints(path: Path) -> list[str]:
    """Errors of dciodvfy (David Clunie's dicom3tools)."""
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert "CRImage" in lines  # it knew what it looked at
    return [line for line in lines if line.startswith("Error")]


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("voi", ["window", "lut", "none"])
@pytest.mark.parametrize("jpeg_lossless", [False, True])
def test_every_variant_is_valid_and_read_back(
    photometric: Photometric, voi: Voi, jpeg_lossless: bool, tmp_path: Path
) -> None:
    path = tmp_path / "手.dcm"
    write_cr(
        path, film(), FACTS, photometric=photometric, voi=voi, spacing_mm=0.15, jpeg_lossless=jpeg_lossless
    )
    assert complaints(path) == []
    radiograph = read(path)
    facts = radiograph.facts
    assert np.array_equal(radiograph.pixels, film())
    assert np.array_equal(radiograph.values, film()) == (photometric == "MONOCHROME2")
    assert facts.chain.inverted == (photometric == "MONOCHROME1")
    source = window_source(facts.chain, default_look(facts.chain, radiograph.values))
    assert source == {"window": "file", "lut": "VOI LUT", "none": "percentiles"}[voi]
    assert (facts.view, facts.laterality, facts.modality) == ("PA", "B", "CR")
    assert facts.spacing == Spacing(0.15, 0.15, "detector plane")
    assert facts.study_date == facts.acquisition_date == date(2015, 3, 4)
    assert facts.identity.name == "YAMADA Taro (山田 太郎)"


@pytest.mark.parametrize(
    "facts",
    [
        CrFacts("k", "P1"),
        dataclasses.replace(FACTS, character_set=("", "ISO 2022 IR 87"), issuer="HOSPITAL"),
        dataclasses.replace(
            FACTS, character_set=("ISO_IR 100",), patient_name="Müller^Anna", sex="O", model="X"
        ),
        dataclasses.replace(FACTS, acquisition_date=date(2015, 3, 5), study_key=""),
    ],
)
@pytest.mark.parametrize("laterality", ["R", "B", ""])
@pytest.mark.parametrize("right_on_left", [True, False, None])
def test_other_facts_are_valid_too(
    facts: CrFacts, laterality: str, right_on_left: bool | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.dcm"
    write_cr(path, film(), facts, laterality=laterality, right_on_left=right_on_left)  # type: ignore[arg-type]
    assert complaints(path) == []
    assert read(path).facts.laterality == laterality


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    write_cr(a, film(), FACTS)
    write_cr(b, film(), FACTS)
    write_cr(c, film(), dataclasses.replace(FACTS, uid_key="P1 visit 2"))
    assert a.read_bytes() == b.read_bytes()
    assert read(a).facts.sop_instance_uid != read(c).facts.sop_instance_uid
    assert read(a).facts.identity.study_uid == read(c).facts.identity.study_uid
    assert re.fullmatch(r"2\.25\.[1-9][0-9]{1,38}", read(a).facts.sop_instance_uid)


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    write_cr(path, film(), FACTS)
    before = path.read_bytes()
    spoilt = dataclasses.replace(FACTS, character_set=("ISO_IR 100",))  # cannot spell 山田
    with pytest.raises((UnicodeEncodeError, UserWarning)):
        write_cr(path, film(), spoilt)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.dcm"]
    with pytest.raises(KnuckleError, match="could not be written"):
        write_cr(tmp_path / "no folder" / "a.dcm", film(), FACTS)


def test_pixels_of_another_kind_are_a_fault_of_the_caller(tmp_path: Path) -> None:
    for wrong in (film() + np.uint16(100), film().astype(np.uint8), film()[0]):
        with pytest.raises(ValueError, match="no picture"):
            write_cr(tmp_path / "a.dcm", wrong, FACTS)


def test_nothing_of_the_patient_is_in_repr() -> None:
    assert not any(secret in repr(FACTS) for secret in ("YAMADA", "山田", "1950"))
