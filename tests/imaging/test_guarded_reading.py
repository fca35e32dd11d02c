"""Untrusted files: nothing that they do reaches this process but a sentence."""

import os
import random
import signal
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from dicom_files import JPEG, LOSSLESS, LOSSY, Depth, dataset, film, save
from pydicom.encaps import encapsulate

from annotator.domain.errors import KnuckleError
from annotator.imaging.dicom import read
from annotator.imaging.guard import GuardedReader, Inspected

KILL_WHEN_ASKED = """
import os, select, signal, sys
process, death = map(int, sys.argv[1:])
request = os.open(f"/proc/{process}/fd/0", os.O_RDONLY)
select.select([request], [], [])
os.kill(process, death)
os.kill(process, signal.SIGCONT)
"""


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader() as reader:
        yield reader


def test_the_same_as_reading_it_here(reader: GuardedReader, tmp_path: Path) -> None:
    path = save(dataset(film(835, 1005)), tmp_path / "手の写真 é.dcm")
    inspected, here = reader.inspect(path), read(path)
    assert inspected.facts == here.facts
    assert inspected.facts.identity == here.facts.identity
    assert (inspected.file_sha256, inspected.pixels_sha256) == (here.file_sha256, here.pixels_sha256)
    assert (inspected.size, inspected.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)


@pytest.mark.parametrize(
    ("size", "aspect", "thumbnail"),
    [((835, 1005), None, (96, 116)), ((200, 1000), None, (26, 128)), ((200, 1000), [2, 1], (51, 128)),
     ((3, 2), None, (96, 64))],
)  # fmt: skip
def test_thumbnail_fits_and_is_as_first_shown(
    reader: GuardedReader, size: tuple[int, int], aspect: list[int] | None,
    thumbnail: tuple[int, int], tmp_path: Path,
) -> None:  # fmt: skip
    ds = dataset(film(*size))
    ds.WindowCenter, ds.WindowWidth = 512, 100
    if aspect:
        ds.PixelAspectRatio = aspect
    small = reader.inspect(save(ds, tmp_path / "a.dcm")).thumbnail
    assert small.dtype == np.uint8
    assert small.shape == thumbnail
    if max(size) > 900:
        assert small.min() == 0
        assert small.max() == 255


def test_refusals_arrive_as_they_were_raised(reader: GuardedReader, tmp_path: Path) -> None:
    ds = dataset(film())
    ds.NumberOfFrames = 7
    with pytest.raises(KnuckleError) as caught:
        reader.inspect(save(ds, tmp_path / "a.dcm"))
    assert caught.value.message == "The file holds 7 frames instead of one."
    assert caught.value.advice
    assert caught.value.context == {"frames": "7"}
    with pytest.raises(KnuckleError, match="no such file"):
        reader.inspect(tmp_path / "gone.dcm")


def test_a_file_that_takes_too_long_ends_the_process_and_not_the_import(tmp_path: Path) -> None:
    slow = film(2000, 2000)  # lossless JPEG 2000 of noise: far longer than the time given here
    path = save(dataset(slow, JPEG + "90"), tmp_path / "slow.dcm")
    quick = save(dataset(film(20, 20)), tmp_path / "quick.dcm")
    with GuardedReader(seconds=0.05) as reader:
        with pytest.raises(KnuckleError, match="took longer than"):
            reader.inspect(path)
        assert reader.inspect(quick).facts.rows == 20


@pytest.mark.parametrize("when", [signal.SIGKILL, signal.SIGSEGV])
def test_a_death_is_told_and_the_next_file_is_read(when: signal.Signals, tmp_path: Path) -> None:
    path = save(dataset(film()), tmp_path / "a.dcm")
    with GuardedReader() as reader:
        reader.inspect(path)
        first = reader.process_id
        assert first is not None
        os.kill(first, signal.SIGSTOP)  # so that it dies over the next file and neither before nor after
        with (
            subprocess.Popen([sys.executable, "-c", KILL_WHEN_ASKED, str(first), str(int(when))]),
            pytest.raises(KnuckleError, match="crash") as caught,
        ):
            reader.inspect(path)
        assert caught.value.advice
        assert reader.inspect(path).facts.rows == 83
        assert reader.process_id != first


def test_memory_is_limited(tmp_path: Path) -> None:
    side = 9000
    ds = dataset(film(2, 2), JPEG + "80", Depth(16, 16, 15))
    stream = bytes(imagecodecs.jpegls_encode(np.zeros((side, side), np.uint16)))
    ds.Rows = ds.Columns = side
    ds.PixelData = encapsulate([stream])
    path = save(ds, tmp_path / "large.dcm")
    assert path.stat().st_size < 2**20
    small = save(dataset(film()), tmp_path / "small.dcm")
    with GuardedReader(memory=500 * 2**20) as reader:
        assert reader.inspect(small).facts.rows == 83
        with pytest.raises(KnuckleError, match="more memory than is allowed"):
            reader.inspect(path)
        assert reader.inspect(small).facts.rows == 83


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    path = save(dataset(film()), tmp_path / "a.dcm")
    with GuardedReader() as reader:
        reader.inspect(path)
        process = reader.process_id
        assert process is not None
        os.kill(process, 0)
    assert reader.process_id is None
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_the_window_starts_without_pydicom() -> None:
    modules = ("display", "resample", "dicom", "guard", "scan", "pseudonyms", "radiograph")
    imports = "; ".join(f"import annotator.imaging.{name}" for name in modules)
    code = (
        f"{imports}; import sys; print(*[m for m in ('pydicom', 'imagecodecs', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def mutated(whole: bytes, pixels_at: int, kind: int, chance: random.Random) -> bytes:
    """One way of many in which a file is spoilt."""
    data = bytearray(whole)
    if kind == 0:  # bits anywhere in the header
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(132, pixels_at)] ^= 1 << chance.randrange(8)
    elif kind == 1:  # bits anywhere in the pixels' stream
        for _ in range(chance.randint(1, 40)):
            data[chance.randrange(pixels_at, len(data))] ^= 1 << chance.randrange(8)
    elif kind == 2:
        return whole[: chance.randrange(140, len(data) - 10)]
    elif kind == 3:  # a lie in Rows or Columns
        tag = chance.choice(
            (b"\x28\x00\x10\x00", b"\x28\x00\x11\x00", b"\x00\x28\x00\x10", b"\x00\x28\x00\x11")
        )
        at = whole.find(tag)
        at = at if at > 0 else whole.find(b"\x28\x00\x10\x00")
        if at > 0:
            data[at + 8 : at + 10] = chance.choice((0, 1, 30, 84, 200, 4095, 65535)).to_bytes(2, "little")
    elif kind == 4:  # a piece of rubbish, early in the stream where its own header is
        at = min(pixels_at + chance.randrange(8, 120), len(data) - 40)
        data[at : at + chance.randint(1, 30)] = chance.randbytes(chance.randint(1, 30))
    else:  # a piece twice
        at = chance.randrange(132, len(data) - 50)
        data[at:at] = data[at : at + chance.randint(1, 50)]
    return bytes(data)


def test_two_hundred_and_more_mutated_files(reader: GuardedReader, tmp_path: Path) -> None:
    chance = random.Random(2024)
    ends: Counter[str] = Counter()
    advices: set[str] = set()
    for syntax in (*LOSSLESS, *LOSSY):
        depth = Depth(8, 8, 7) if syntax == JPEG + "50" else Depth(stored=12, high_bit=11)
        whole = save(dataset(film(levels=2**depth.stored), syntax, depth), tmp_path / "a.dcm").read_bytes()
        pixels_at = max(whole.find(b"\xe0\x7f\x10\x00"), whole.find(b"\x7f\xe0\x00\x10"), 500)
        for number in range(18):
            path = tmp_path / "mutated.dcm"
            path.write_bytes(mutated(whole, pixels_at, number % 6, chance))
            try:
                ends["read"] += isinstance(reader.inspect(path), Inspected)
            except KnuckleError as error:
                ends[error.message.split(":")[0]] += 1
                advices.add(error.advice)
    assert ends.total() > 200
    assert all(advice.endswith(".") for advice in advices)
    assert ends["The file is truncated"] > 30
    assert ends["The file is damaged"] > 30
    assert ends["read"] > 10  # bits flipped in pixels or in a name are nobody's fault to find


def test_a_decoder_never_gets_a_stream_of_another_size(reader: GuardedReader, tmp_path: Path) -> None:
    """A stream that claims more than there is could make a decoder allocate for it."""
    ds = dataset(film(), JPEG + "90")
    stream = bytearray(imagecodecs.jpeg2k_encode(film(), level=0, codecformat="j2k", bitspersample=10))
    stream[8:16] = struct.pack(">2L", 2**31, 2**31)
    ds.PixelData = encapsulate([bytes(stream)])
    with pytest.raises(KnuckleError, match="its header says 101 x 83"):
        reader.inspect(save(ds, tmp_path / "a.dcm"))
