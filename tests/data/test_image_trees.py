"""Which files of a folder are images."""

from pathlib import Path

import pytest

from infomax.data.image_trees import image_paths
from infomax.errors import UserError


def test_images_are_found_in_all_folders_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/2.PNG", "b/10.jpg", "a.jpeg", "b/c/0.png", "b/readme.txt", "a/z.Jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.as_posix() for path in image_paths(tmp_path)]
    assert found == ["a/z.Jpg", "a.jpeg", "b/10.jpg", "b/2.PNG", "b/c/0.png"]


def test_linked_folders_are_followed_and_circles_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.png").touch()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "linked").symlink_to(tmp_path / "real")
    assert image_paths(tmp_path / "root") == [Path("linked/a.png")]
    (tmp_path / "real" / "back").symlink_to(tmp_path / "real")
    with pytest.raises(UserError, match="back: is a link to a folder that it lies in"):
        image_paths(tmp_path / "root")


def test_links_that_lead_nowhere_are_files(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "itself").symlink_to("itself")
    (tmp_path / "gone").symlink_to("nowhere")
    assert image_paths(tmp_path) == [Path("a.png")]


def test_a_folder_without_images_or_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no images, expected \.jpg, \.jpeg, \.jfif, \.png"):
        image_paths(tmp_path)
    with pytest.raises(UserError, match="gone: is no folder"):
        image_paths(tmp_path / "gone")
