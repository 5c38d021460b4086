"""What is followed keeps to it too: no simulated image comes in among real ones."""

from __future__ import annotations

import pytest

from landzicht.testing.far_scenes import DAYS, FarScene, far_item


@pytest.mark.parametrize("hosts", ["", "{base}, *"], ids=["mirror", "link"])
def test_a_simulated_image_of_an_api_is_refused_among_real_ones(api, follow, portal, hosts) -> None:
    made = [FarScene(id=f"S2B_31UFT_{day}", moment=f"{day}T10:40:00Z") for day in DAYS[:3]]
    items = [far_item(api.server, one) for one in made]
    api.items = items[:1]
    follower = follow(link=bool(hosts))
    follower.once()
    items[1]["properties"]["landzicht:simulated"] = True
    api.items = items
    follower.once()
    told = follower.outcomes()
    assert told.pop(made[1].id) == "simulated-and-real"
    assert told == {made[0].id: "in", made[2].id: "in"}
    assert not portal.collection("sentinel-2-l2a").simulated
    assert follower.scenes() == sorted([made[0].id, made[2].id])
