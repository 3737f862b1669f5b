"""Pictures become what the network was trained on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from nnlab.fashion import data
from nnlab.fashion.prepare import prepare
from tests.fashion.photos import photo

SAMPLE = data.load("sample")
BOOT = SAMPLE.x_test[SAMPLE.y_test == 9][3]


def gray(image: NDArray[np.uint8], **keys: float) -> NDArray[np.uint8]:
    return np.asarray(photo(image, **keys).convert("L"))  # type: ignore[arg-type]


def test_all_images_of_the_sample_come_out_byte_by_byte() -> None:
    for image in np.concatenate([SAMPLE.x_test, SAMPLE.x_train]):
        assert np.array_equal(prepare(image, 28).pixels, image)
        negative = prepare(255 - image, 28)
        assert np.array_equal(negative.pixels, image)
        assert negative.inverted


def test_the_user_decides_on_the_inversion() -> None:
    assert np.array_equal(prepare(BOOT, 28, invert=True).pixels, 255 - BOOT)
    assert np.array_equal(prepare(255 - BOOT, 28, invert=False).pixels, 255 - BOOT)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"noise": 15},
        {"background": 215, "shade": 20},
        {"background": 150},
        {"size": (1200, 900)},
        {"size": (240, 900)},
    ],
    ids=str,
)
def test_a_photo_comes_out_like_the_image_it_shows(keys: dict[str, float]) -> None:
    pixels, inverted = prepare(gray(BOOT, **keys), 28)
    assert inverted
    assert np.corrcoef(pixels.ravel(), BOOT.ravel())[0, 1] > 0.94
    assert pixels.mean() == pytest.approx(BOOT.mean(), abs=12)
    assert pixels[[0, -1]].max() <= 12  # the boot is wider than high


def test_a_photo_on_a_dark_wall_is_not_inverted() -> None:
    pixels, inverted = prepare(255 - gray(BOOT), 28)
    assert not inverted
    assert np.array_equal(pixels, prepare(gray(BOOT), 28).pixels)


@pytest.mark.parametrize("side", [8, 28, 64])
def test_an_object_far_from_the_middle_fills_the_square_and_is_centred(side: int) -> None:
    wall = np.full((200, 300), 255, np.uint8)
    wall[150:190, 10:90] = 55  # 80 wide, 40 high
    pixels, _ = prepare(wall, side)
    assert pixels.shape == (side, side)
    rows, columns = np.flatnonzero(pixels.max(1) > 150), np.flatnonzero(pixels.max(0) > 150)
    assert len(columns) >= side - 2
    assert abs(len(rows) - side / 2) <= 2
    assert abs(rows.mean() - (side - 1) / 2) <= 1
    assert int(pixels.max()) == pytest.approx(200, abs=25)  # Lanczos overshoots at an edge


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2, 3), (28, 28), (300, 400)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_is_refused(shape: tuple[int, int], level: int) -> None:
    with pytest.raises(ValueError, match="this image is blank"):
        prepare(np.full(shape, level, np.uint8), 28)


def test_a_light_object_on_a_light_wall_needs_no_invert() -> None:
    wall = np.full((60, 60), 150, np.uint8)
    wall[20:40, 20:40] = 250
    with pytest.raises(ValueError, match=r"darker than its border \(try --no-invert\)"):
        prepare(wall, 28)
    assert prepare(wall, 28, invert=False).pixels.max() > 200


def test_thin_pictures_are_resized_to_at_least_one_pixel() -> None:
    wall = np.full((3, 4000), 255, np.uint8)
    wall[1, 1000:2000] = 0
    assert prepare(wall, 28).pixels.max() > 80
