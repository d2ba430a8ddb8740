"""What a ranking says in a sentence."""

import math

import pandas as pd
import pytest

from infomax.information import ranking_answer


@pytest.mark.parametrize(
    ("p_values", "refused", "said"),
    [
        ([0.3, 0.01], 0, "Of 2 columns, 1 is shown to share information with y: b."),
        (
            [0.3, 0.01, 0.01],
            0,
            "Of 3 columns, 2 are shown to share information with y; of these b shares most.",
        ),
        ([0.3], 0, "Of 1 column, none is shown to share information with y."),
        ([0.01], 0, "Of 1 column, 1 is shown to share information with y: a."),
        ([0.01], 1, "Of 1 column, 1 is shown to share information with y: a; 1 other was refused."),
        (
            [0.3, 0.4],
            2,
            "Of 2 columns, none is shown to share information with y; 2 others were refused.",
        ),
        ([math.nan, math.nan], 0, "Of 2 columns, a shares most with y; none was tested."),
        ([math.nan], 0, "Of 1 column, none was tested."),
    ],
)
def test_the_first_is_named_of_those_that_are_shown(
    p_values: list[float], refused: int, said: str
) -> None:
    names = list("abcdef")[: len(p_values) + refused]
    ranking = pd.DataFrame(
        {
            "corrected_p_value": [*p_values, *[math.nan] * refused],
            "refused": [*[""] * len(p_values), *["it holds text"] * refused],
        },
        index=pd.Index(names, name="column"),
    )
    assert ranking_answer(ranking, ["y"]) == said
