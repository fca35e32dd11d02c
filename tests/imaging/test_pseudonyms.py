"""Keys that stand for patients, and file names that stand for any text."""

import re

import pytest

from annotator.domain.errors import KnuckleError
from annotator.imaging.pseudonyms import patient_key
from annotator.imaging.radiograph import Identity

SALT = b"a study's own salt"


def key(number: str = "", issuer: str = "", name: str = "", study: str = "", salt: bytes = SALT) -> str:
    return patient_key(Identity(number, issuer, name, study), salt)


def test_one_patient_one_key() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", key("0001"))
    assert key("0001") == key(" 0001 ") == key("０００１") == key("0001", name="Yamada", study="1.2")
    assert len({key("0001"), key("0002"), key("1"), key("0001", "A"), key("0001", salt=b"b")}) == 5


def test_parts_do_not_run_into_each_other() -> None:
    assert key("AB", "C") != key("B", "CA") != key("", "", "ABC")


def test_the_name_counts_only_without_an_id_and_the_study_only_without_both() -> None:
    assert key("0001", name="A") == key("0001", name="B")
    assert key(name="YAMADA Taro (山田 太郎)") == key(name="Yamada  Taro (山田 太郎)", study="1.2")
    assert key(name="A") != key(name="B")
    assert key(study="1.2.3") != key(study="1.2.4")
    assert key("A") != key(name="A") != key(study="A")
    with pytest.raises(KnuckleError, match="which patient"):
        key(" ", name=" ")
