"""Testing a project: a client for all of it, without a port.

import pytest
from portico.testing import client

@pytest.fixture
def shop():
    with client() as shop:
        yield shop

def test_an_order_is_confirmed(shop):
    answer = shop.as_user("ada").operation("placeOrder", body={"productId": "tulips"})
    assert answer.status_code == 201
"""

from portico.testing.client import Client, client
from portico.testing.keys import NoPlans
from portico.testing.people import NoPool

__all__ = ["Client", "NoPlans", "NoPool", "client"]
