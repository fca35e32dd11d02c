"""Keys that stand for patients, and file names that stand for any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.errors import KnuckleError
from annotator.imaging.pseudonyms import patient_key, safe_file_stem
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


def test_file_stems() -> None:
    assert safe_file_stem("K-015_visit2") == "K-015_visit2"
    assert safe_file_stem("山田") == "山田"
    for text in ("", "..", "a/b", "a\\b", "C:x", "nul", "COM1", "a" * 300, " a", "a.", "-\n"):
        stem = safe_file_stem(text)
        assert re.fullmatch(r"[\w-]+-[0-9a-f]{8}", stem), text
        assert len(stem) <= 89
    assert safe_file_stem("a/b") != safe_file_stem("a_b") != safe_file_stem("a\\b")


@given(st.text(), st.text())
def test_different_texts_have_different_stems(a: str, b: str) -> None:
    assert (safe_file_stem(a) == safe_file_stem(b)) == (a == b)


@given(st.text())
def test_stems_hold_nothing_that_means_something_to_a_file_system(text: str) -> None:
    stem = safe_file_stem(text)
    assert stem
    assert not set(stem) & set('/\\:*?"<>|. \0\n')
