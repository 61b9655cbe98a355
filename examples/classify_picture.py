"""What is this piece of clothing? A net that learnt Fashion-MNIST looks at pictures of one's own.

    python examples/classify_picture.py boot.jpg shirt.png

Any size and any colours, on a plain background. Each picture is made as small and grey as those that the net knows,
28 x 28 pixels, light on dark; that preview stands beside it. Without a file the script draws samples itself, into the
folder of pictures. The net is the one that fashion_mnist.py left there, which is trained first if there is none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import common
import fashion_mnist
import numpy as np

import tinygrad_scratch as tg

NAMES = tg.data.FASHION_MNIST_NAMES
PAPER, CLOTH, DARK, LIGHT = "#fdfcf8", "#3d4250", "#20242c", "#686f80"

# outlines on a sheet of 100 x 100, in the order in which they are painted
SAMPLES = {
    "t_shirt": [
        (CLOTH, [(38, 12), (62, 12), (74, 17), (93, 36), (81, 47), (19, 47), (7, 36), (26, 17)]),
        (CLOTH, [(28, 40), (72, 40), (72, 90), (28, 90)]),
        (PAPER, [(40, 11), (60, 11), (56, 18), (44, 18)]),
    ],
    "trousers": [
        (CLOTH, [(34, 5), (66, 5), (71, 95), (56, 95), (50, 34), (44, 95), (29, 95)]),
        (DARK, [(34, 5), (66, 5), (66, 9), (34, 9)]),
    ],
    "dress": [
        (CLOTH, [(40, 5), (44, 5), (46, 16), (54, 16), (56, 5), (60, 5), (62, 26), (58, 42), (42, 42), (38, 26)]),
        (CLOTH, [(42, 42), (58, 42), (70, 95), (30, 95)]),
    ],
    "bag": [
        (CLOTH, [(32, 40), (34, 20), (42, 12), (58, 12), (66, 20), (68, 40), (12, 40)]),
        (PAPER, [(38, 40), (40, 24), (45, 18), (55, 18), (60, 24), (62, 40)]),
        (CLOTH, [(12, 40), (88, 40), (93, 88), (7, 88)]),
        (LIGHT, [(12, 40), (88, 40), (86, 54), (50, 62), (14, 54)]),
    ],
    "sneaker": [
        (CLOTH, [(94, 44), (88, 42), (76, 49), (64, 46), (50, 52), (30, 58), (12, 61), (6, 66), (6, 72), (94, 72)]),
        (LIGHT, [(5, 70), (95, 70), (95, 76), (5, 76)]),
    ],
    "ankle_boot": [
        (CLOTH, [(46, 6), (80, 6), (84, 40), (88, 74), (88, 82), (30, 82), (8, 80), (8, 68), (34, 58), (46, 44)]),
        (DARK, [(8, 80), (62, 82), (88, 82), (88, 94), (68, 94), (66, 86), (8, 86)]),
    ],
}  # fmt: skip


def main() -> None:
    """Find the pictures and the net, ask it, show what it says."""
    parser = fashion_mnist.command_line(__doc__, epochs=10)
    parser.add_argument("pictures", type=Path, nargs="*", metavar="PICTURE", help="PNG or JPEG files (samples)")
    options = parser.parse_args()
    files = options.pictures or draw_samples(options.out)
    previews = np.stack([tg.data.picture(file) for file in files])
    model = options.out / fashion_mnist.MODEL
    if not model.exists():
        print("there is no net yet, so one is trained first")
        fashion_mnist.learn(options)
    probabilities = tg.nn.softmax(tg.io.load_model(model)(previews.reshape(len(files), -1)))
    labels = [NAMES[k] for k in np.argmax(probabilities, axis=-1)]
    for file, row in zip(files, probabilities, strict=True):
        print(f"{file}: {', '.join(f'{NAMES[k]} {row[k]:.1%}' for k in np.argsort(-row))}")
    draw_answers(options.out / "classify_picture.png", files, previews, labels, probabilities)
    sums = np.sum(probabilities, axis=-1)
    common.tell(
        net=model, picture=options.out / "classify_picture.png", labels=", ".join(labels),
        confidence_sum=sums[np.argmax(np.abs(sums - 1))],  # the worst of them
    )  # fmt: skip


def draw_samples(folder: Path) -> list[Path]:
    """Draw the samples, 400 x 400 pixels, dark on light; the files."""
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise tg.errors.MissingExtraError("samples need pillow: pip install tinygrad_scratch[viz]") from error
    files = []
    for name, shapes in SAMPLES.items():
        sheet = Image.new("RGB", (400, 400), PAPER)
        pen = ImageDraw.Draw(sheet)
        for colour, outline in shapes:
            pen.polygon([(4 * x, 4 * y) for x, y in outline], fill=colour)
        files.append(folder / f"{name}.png")
        sheet.save(files[-1])
    return files


def draw_answers(file: Path, files: list[Path], previews: Any, labels: list[str], probabilities: Any) -> None:
    """Each picture, what the net sees of it, and how sure it is of each class."""
    columns = min(2, len(files))
    rows = -(-len(files) // columns)
    figure = tg.viz.new_figure(6.5 * columns, 2.7 * rows)
    panels = figure.subfigures(rows, columns, squeeze=False, wspace=0.04).flat
    for panel, path, preview, label, row in zip(panels, files, previews, labels, probabilities, strict=False):
        picture, small, bars = panel.subplots(1, 3, width_ratios=(3, 3, 4))
        picture.imshow(photograph(path))
        picture.set_title(path.name, fontsize="medium")
        small.imshow(preview, cmap="gray", interpolation="nearest")
        small.set_title("28 x 28 preview", fontsize="medium")
        for axes in (picture, small):
            axes.set(xticks=[], yticks=[])
        tg.viz.confidences(bars, row, NAMES)
        bars.set_title(label)
        bars.tick_params(labelsize="small")
    figure.savefig(file)


def photograph(path: Path) -> Any:
    """The picture itself, as a camera or a painter left it, small enough to be drawn."""
    from PIL import Image, ImageOps

    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file).convert("RGBA")
    image.thumbnail((400, 400))
    return image


if __name__ == "__main__":
    common.start(main)
