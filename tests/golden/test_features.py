# SPDX-License-Identifier: Apache-2.0
"""Per-store features of replayed candidates agree with the original's to 1e-5."""

import metaschedule as ms
import numpy as np
import pytest
from golden import GoldenRate, golden_path, read_golden
from metaschedule.script import from_source

pytestmark = pytest.mark.golden


@pytest.mark.parametrize("kind", ["llvm", "nvidia"])
def test_features_agree(kind):
    matrices = np.load(golden_path("features.npz"))
    extractor = ms.feature_extractor.PerStoreFeature()
    rate = GoldenRate(f"features.jsonl.gz ({kind})", "features")
    problems = []
    for line in read_golden("features.jsonl.gz"):
        if not line["target"].startswith(kind):
            continue
        expected = matrices[line["key"]]
        sch = ms.tir.Schedule(from_source(line["mod"]))
        context = ms.TuneContext(sch.mod, target=line["target"], num_threads=1)
        candidate = ms.search_strategy.MeasureCandidate(sch, None)
        try:
            found = extractor.extract_from(context, [candidate])[0].numpy()
        except ms.TVMError as error:
            problems.append((line["key"], str(error)[:150]))
            rate.add(False)
            continue
        same = found.shape == expected.shape and np.allclose(found, expected, rtol=1e-5, atol=1e-5)
        if not same:
            where = (
                "shape"
                if found.shape != expected.shape
                else np.unique(
                    np.argwhere(~np.isclose(found, expected, rtol=1e-5, atol=1e-5))[:, 1]
                )
            )
            problems.append((line["key"], str(where)[:100]))
        rate.add(same)
    assert rate.report() >= 99, problems[:20]
