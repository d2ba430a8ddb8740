"""What is never opened: what would be waited for, and what memory does not hold."""

import gzip
import lzma
import os
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from infomax.data import files, load_dataset, open_data
from infomax.data.files import available_memory, check_fits_memory, read_whole
from infomax.data.tables import read_table
from infomax.errors import UserError

REFUSED = "is a pipe, a socket or a device, expected a file"


@pytest.mark.parametrize(
    "name",
    ["a.npy", "a.npz", "a.csv", "a.parquet", "a-ubyte", "a-ubyte.gz", "a.tar", "a.tar.gz", "a"],
)
def test_a_pipe_is_not_waited_for_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(UserError, match=rf"{name}: {REFUSED}"):
        open_data(tmp_path / name, cache=tmp_path / "cache")


def test_a_pipe_among_the_files_of_a_data_set_is_not_waited_for(tmp_path: Path) -> None:
    for kind, name in {
        "idx": "train-images-idx3-ubyte.gz",
        "batches": "data_batch_1.bin",
        "pickles": "data_batch_1",
        "images": "train/cat/a.png",
    }.items():
        (tmp_path / kind / name).parent.mkdir(parents=True)
        if kind in {"batches", "pickles"}:
            ending = Path(name).suffix
            others = [f"data_batch_{batch}" for batch in range(2, 6)] + ["test_batch"]
            for each in others:
                (tmp_path / kind / f"{each}{ending}").touch()
        os.mkfifo(tmp_path / kind / name)
        with pytest.raises(UserError, match=f"{REFUSED}"):
            load_dataset(str(tmp_path / kind))


def test_a_socket_and_a_device_are_no_tables(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as served:
        served.bind(str(tmp_path / "a.csv"))
        with pytest.raises(UserError, match=REFUSED):
            read_table(tmp_path / "a.csv")
    (tmp_path / "b.csv").symlink_to("/dev/zero")
    with pytest.raises(UserError, match=REFUSED):
        read_table(tmp_path / "b.csv")


def test_memory_that_is_free_is_less_than_there_is() -> None:
    of_machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 2**24 < available_memory() <= of_machine
    check_fits_memory(2**20, "a")
    with pytest.raises(UserError, match=r"a takes 1,048,576\.0 GiB when it is read, and .*check"):
        check_fits_memory(2**50, "a")


def test_a_file_larger_than_the_memory_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.bin").open("wb") as stream:
        stream.truncate(2**40)  # Without a byte on the disk.
    with pytest.raises(UserError, match=r"a\.bin takes 1,024\.0 GiB"):
        read_whole(tmp_path / "a.bin")
    with pytest.raises(UserError, match=r"b\.bin: cannot be read \(No such file"):
        read_whole(tmp_path / "b.bin")


def test_an_archive_that_promises_a_file_of_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    member = tarfile.TarInfo("train/cat/a.png")
    member.size = 2**40
    path.write_bytes(member.tobuf())
    with pytest.raises(UserError, match=r"train/cat/a\.png takes 1,024\.0 GiB"):
        load_dataset(str(path))


def test_a_header_of_an_archive_cannot_ask_for_gigabytes(tmp_path: Path) -> None:
    notes = tarfile.TarInfo("notes")
    notes.type, notes.size = tarfile.XHDTYPE, 2**40
    (tmp_path / "a.tar").write_bytes(notes.tobuf(tarfile.GNU_FORMAT) + bytes(2**15))
    with pytest.raises(UserError, match=r"a\.tar: .*a header asks for 1099511627776 bytes"):
        load_dataset(str(tmp_path / "a.tar"))


def test_zeros_behind_an_archive_are_not_read_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infomax.data import image_trees  # noqa: PLC0415

    monkeypatch.setattr(image_trees, "_MOST_BYTES_OF_THE_END", 2**16)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("train"))
    with (tmp_path / "a.tar").open("ab") as stream:
        stream.write(bytes(2**17))
    with pytest.raises(UserError, match=r"a\.tar: corrupt or cut short at byte"):
        load_dataset(str(tmp_path / "a.tar"))


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_a_small_archive_of_gigabytes_is_refused(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / ("a.tar.gz" if compress is gzip.compress else "a.tar.xz")
    image, notes = tarfile.TarInfo("train/cat/a.png"), tarfile.TarInfo("notes")
    image.size = notes.size = 2**31
    notes.type = tarfile.XHDTYPE
    # Both read on where one compressed stream follows another.
    zeros = compress(bytes(2**24)) * 2**7
    for start, told in (
        (image.tobuf(), r"train/cat/a\.png takes 2\.0 GiB, expected images"),
        (notes.tobuf(tarfile.GNU_FORMAT), "a header asks for 2147483648 bytes"),
        (tarfile.TarInfo("train").tobuf(), "corrupt or cut short at byte 512 of the archive"),
    ):
        path.write_bytes(compress(start) + zeros)
        assert path.stat().st_size < 2**22
        with pytest.raises(UserError, match=rf"a\.tar\..z: .*{told}"):
            load_dataset(str(path))


def test_images_of_an_archive_that_memory_does_not_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image  # noqa: PLC0415

    from infomax.data.datasets import image_folder  # noqa: PLC0415

    for split in ("train", "test"):
        folder = tmp_path / "a" / split / "cat"
        folder.mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(folder / f"{number}.png")
    monkeypatch.setattr(image_folder, "_BYTES_BETWEEN_CHECKS", 4_000)
    load_dataset(str(tmp_path / "a"))
    monkeypatch.setattr(files, "available_memory", lambda: 8_000)
    with pytest.raises(UserError, match=r"a takes .* GiB of memory are free"):
        load_dataset(str(tmp_path / "a"))
