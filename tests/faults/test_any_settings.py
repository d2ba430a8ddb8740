"""Whatever settings and tables are given, `infomax train` trains or says one line."""

from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.called import called
from tests.faults.faults import any_duration

NAMES = ("a", "b", "c d", "e,f", "label", "0", "")
numbers = st.floats(-10, 10, width=32)
cells = st.one_of(numbers, st.sampled_from([float("nan"), float("inf"), 1e300]))
columns = st.one_of(
    st.lists(numbers, min_size=30, max_size=30),
    st.lists(numbers, min_size=30, max_size=30),
    st.lists(cells, min_size=30, max_size=30),
    st.lists(st.sampled_from(["x", "y", ""]), min_size=30, max_size=30),
    st.just([1.0] * 30),
)
tables = st.dictionaries(st.sampled_from(NAMES), columns, min_size=1, max_size=5)
texts = st.sampled_from([*NAMES, "a,b", "a,label", "none", "0-1"])
given_settings = st.fixed_dictionaries(
    {"steps": st.just(2), "batch_size": st.sampled_from([2, 3, 4, 3, 3, 400])},
    optional={
        "x": st.lists(texts, max_size=2),
        "y": st.lists(texts, max_size=2),
        "labels": texts,
        "groups": texts,
        "views": st.sampled_from(["halves", "noise", "mask", "channels", "features", "augment"]),
        "view_options": st.dictionaries(
            st.sampled_from(["deviation", "share", "x", "cut"]),
            st.sampled_from([0.5, "0", "left-right", -1, [0, 1]]),
            max_size=2,
        ),
        "encoder": st.sampled_from(["mlp", "resnet", "series-convnet", "identity", "math:gcd"]),
        "encoder_options": st.dictionaries(
            st.sampled_from(["layer_sizes", "width"]),
            st.sampled_from([[4], 16, -1, "a"]),
            max_size=1,
        ),
        "critic": st.sampled_from(["bilinear", "cosine", "concat", "inner-product"]),
        "loss": st.sampled_from(["nt-xent", "supcon", "byol", "moco", "dino", "sdmi"]),
        "loss_options": st.sampled_from([{"target": True}, {"predictor": False}, {"moved": "x"}]),
        "predictor": st.sampled_from([3, 0]),
        "target_momentum": st.sampled_from([0, 0.9, 2]),
        "target_schedule": st.sampled_from(["cosine", "constant", "none"]),
        "queue_size": st.sampled_from([1, 5, 400]),
        "bound": st.sampled_from(["infonce", "nwj", "smile", "mine"]),
        "shared_encoder": st.booleans(),
        "projection": st.sampled_from([1, 4, -3]),
        "learning_rate": st.sampled_from([1e-3, 1e30, 0]),
        "validation": st.sampled_from([0, 0.3, 0.9, 2]),
        "patience": st.sampled_from([1, 0]),
        "mixed_precision": st.booleans(),
        "cosine": st.booleans(),
        "warm_up_steps": st.sampled_from([0, 5]),
        "gradient_norm": st.sampled_from([0.1, 0]),
        "surprise": st.none(),
    },
)


@pytest.mark.slow
@any_duration(share=0.8)
@given(table=tables, asked=given_settings, ending=st.sampled_from([".csv", ".parquet", ".npy"]))
def test_it_trains_or_says_one_line(
    tmp_path_factory: pytest.TempPathFactory,
    table: dict[str, list[Any]],
    asked: dict[str, Any],
    ending: str,
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    data = folder / f"table{ending}"
    if ending == ".csv":
        pd.DataFrame(table).to_csv(data, index=False)
    elif ending == ".parquet":
        pd.DataFrame(table).to_parquet(data)
    else:
        data.write_bytes(repr(table).encode())
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump({"data": str(data), "device": "cpu", **asked}))
    code, said = called("train", str(path), "--out", str(folder / "run"))
    assert code in {0, 1, 2}, said
    if code == 2:
        assert said.startswith("infomax: "), said
        assert said.count("\n") == 1, said
        assert not (folder / "run" / "run.json").exists()
    if code == 0:
        assert (folder / "run" / "checkpoints" / "step-000000002.safetensors").is_file()
