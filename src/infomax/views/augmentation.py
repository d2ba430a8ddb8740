"""An image cropped, mirrored and changed in colour, twice."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError, missing_extra
from infomax.views.view_maker import kind_of

__all__ = ["Augmentation"]

_COLOURS = 3
# Chen et al. (2020), appendix A.
_JITTERED_SHARE, _MIRRORED_SHARE = 0.8, 0.5
# Hue is turned by up to a fifth of this: half a turn either way is every colour.
_GREATEST_STRENGTH = 2.5
_DRAWS = 11
# Caron et al. (2021), section 3.1, in the place of larger views of 0.4 and more.
_LOCAL_CROP = (0.05, 0.4)


@dataclass(frozen=True)
class Augmentation:
    """Makes views that are an image augmented twice, each time by draws of its own.

    Each view is a random part of the image at the size of the whole, mirrored in half of the cases;
    in four of five cases brightness, contrast, saturation and hue are then changed, and a share
    is made grey. Images of one channel keep their values. There is no blur, which the paper leaves
    out for small images too. Needs the optional package kornia.

    Source: Chen et al. (2020), "A simple framework for contrastive learning of visual
    representations", appendix A, and B.9 for the strength of 0.5. Their least area is 0.08; 0.2,
    the default here, is that of Chen and He (2021), "Exploring simple Siamese representation
    learning", with the same strength of colour.

    Args:
        crop: least and greatest area of the part, as shares of the image's.
        flip: whether half of the views are mirrored, left to right.
        colour: strength of the change of colour, between 0 and 2.5; 0 for none.
        grey: share of views that are made grey.
        local_crops: number of further views of each image, for a loss that takes them: smaller
            parts, likewise at the size of the whole, since encoders take one size.
        local_crop: least and greatest area of those parts.

    Raises:
        UserError: if a setting is out of range, or areas are given of parts that are not made.

    Example:
        >>> augmentation = Augmentation()
        >>> images = torch.rand(4, 8, 8, 3, generator=torch.Generator().manual_seed(0))
        >>> x, y = augmentation(images, torch.Generator().manual_seed(1))
        >>> x.shape, torch.equal(x, y)
        (torch.Size([4, 8, 8, 3]), False)
    """

    crop: tuple[float, float] = (0.2, 1.0)
    flip: bool = True
    colour: float = 0.5
    grey: float = 0.2
    local_crops: int = 0
    local_crop: tuple[float, float] = _LOCAL_CROP

    def __post_init__(self) -> None:
        for least, greatest in (self.crop, self.local_crop):
            if not 0 < least <= greatest <= 1:
                raise UserError(
                    f"the areas to crop are {least} to {greatest}: give the least and the greatest "
                    "share of the image, above 0 and up to 1"
                )
        if self.local_crops < 0:
            raise UserError(
                f"local_crops is {self.local_crops}: give the number of further views of each "
                "image, 0 for none"
            )
        if not self.local_crops and self.local_crop != _LOCAL_CROP:
            raise UserError(
                f"local_crop is {self.local_crop}, the areas of further views, and there are none: "
                "give their number as local_crops, or leave it out"
            )
        if not 0 <= self.colour <= _GREATEST_STRENGTH:
            raise UserError(
                f"the strength of colour is {self.colour}: give a number from 0 to "
                f"{_GREATEST_STRENGTH}"
            )
        if not 0 <= self.grey <= 1:
            raise UserError(f"the share of grey is {self.grey}: give a number from 0 to 1")

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape of an image, twice.

        Raises:
            UserError: if items are no images, their channels are no colours while colours are to
                be changed, or kornia is not installed.
        """
        if (kind := kind_of(item_shape)) != "images":
            raise UserError(f"augmented views are of images: {kind} can be masked, or have noise")
        channels = item_shape[-1]
        if channels not in {1, _COLOURS} and (self.colour or self.grey):
            raise UserError(
                f"images have {channels} channels, colours 3: give 0 for colour and for grey"
            )
        try:
            import kornia  # noqa: F401, PLC0415
        except ImportError as error:
            raise missing_extra("augmented views", "augment") from error
        return item_shape, item_shape

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return images ``(N, height, width, channels)`` augmented, twice."""
        self.shapes(items.shape[1:])
        x, y = (self._augmented(items, generator, self.crop) for _ in range(2))
        return x, y

    def local_views(self, items: Tensor, generator: torch.Generator) -> Tensor:
        """Return small parts of images, augmented: ``(L, N, height, width, channels)``."""
        crops = range(self.local_crops)
        return torch.stack([self._augmented(items, generator, self.local_crop) for _ in crops])

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the images as they are, as either view."""
        return items, items

    def _augmented(
        self, items: Tensor, generator: torch.Generator, areas: tuple[float, float]
    ) -> Tensor:
        # Both import kornia, which is optional.
        from infomax.views.image_transforms import boxes_of, greyed, jittered, resized_crop  # noqa: PLC0415  # noqa: PLC0415

        # All of an image's draws at once, and kornia's own modules draw from the global generator.
        uniform = torch.rand(_DRAWS, len(items), generator=generator, device=items.device)
        boxes, (mirror, jitter, grey) = uniform[:4], uniform[4:7]
        mirrored = mirror < _MIRRORED_SHARE if self.flip else torch.zeros_like(mirror).bool()
        images = items.movedim(-1, 1).contiguous()
        images = resized_crop(images, boxes_of(boxes, areas), mirrored)
        if images.shape[1] == _COLOURS:
            if self.colour:
                changed = jittered(images, self.colour, uniform[7:])
                images = torch.where(_of_images(jitter < _JITTERED_SHARE), changed, images)
            if self.grey:
                images = torch.where(_of_images(grey < self.grey), greyed(images), images)
        return images.movedim(1, -1)


def _of_images(chosen: Tensor) -> Tensor:
    return chosen[:, None, None, None]
