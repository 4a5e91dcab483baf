"""Load test of shop: 5 requests from its routes, written by Drydock.

locust -f locustfile.py --headless -u 5 -r 5 -t 10s -H http://127.0.0.1:8000
"""

import os
import random
import string
from urllib.parse import quote

from locust import HttpUser, between, events, task

# Requests that may change data are left out unless WRITES=1: send them to a copy of the data only.
WRITES = 1 if os.environ.get("WRITES") == "1" else 0


# >>> AUTHENTICATION: fill this in. 2 of 5 requests ask for it. What this returns is sent as headers with them.
def authentication():
    token = os.environ.get("TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}
# <<< AUTHENTICATION


# >>> VALUES: put in what exists in your data. A value that does not counts as a failed request.
VALUES = {
    "carts_id": ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"],  # DELETE /carts/{id}
    "customer_id": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],  # POST /orders
    "order_id": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],  # GET /orders/{order_id}
}
# <<< VALUES

# The targets: method, route (None for all requests), measure, limit. A run that misses one ends with exit code 1.
TARGETS = [
    (None, None, 95, 500),
    (None, None, "errors", 0.02),
    (None, None, "rps", 5),
    ("GET", "/orders/{order_id}", 99, 200),
    ("GET", "/orders/{order_id}", "mean", 80.5),
]


# A weight of 3 is sent three times as often as a weight of 1.
class Visitor(HttpUser):
    wait_time = between(0.05, 0.15)

    # app/api.py:60 Carts.delete
    # asks for authentication: login_required
    # check this: The prefix is computed at run time
    @task(WRITES)
    def delete_carts_id(self):
        self.client.request(
            "DELETE",
            "/carts/" + quote(str(sample("carts_id")), safe=""),
            name="/carts/{id}",
            headers=authentication(),
        )

    # app/api.py:80 upload
    @task(WRITES)
    def post_files(self):
        self.client.request(
            "POST",
            "/files",
            name="/files",
            data={"title": random_word(5, 10)},
            files={"file": ("drydock.txt", b"written by Drydock")},
        )

    # app/api.py:12 list_orders
    # left out, optional: q
    @task(3)
    def get_orders(self):
        self.client.request(
            "GET",
            "/orders",
            name="/orders",
            params={"limit": random_integer(1, 20)},
        )

    # app/api.py:30 place_order
    # asks for authentication: Depends(current_user)
    @task(WRITES)
    def post_orders(self):
        self.client.request(
            "POST",
            "/orders",
            name="/orders",
            headers=authentication(),
            json={"customer_id": sample("customer_id"), "email": random_email(), "state": choice(["new", "paid"]), "lines": [{"sku": random_word(5, 8), "count": random_integer(1, 9)}, {"sku": random_word(5, 8), "count": random_integer(1, 9)}], "extra": {random_word(5, 10): random_integer(1, 100)}},
        )

    # app/api.py:20 read_order
    @task(3)
    def get_orders_order_id(self):
        self.client.request(
            "GET",
            "/orders/" + quote(str(sample("order_id")), safe=""),
            name="/orders/{order_id}",
        )


def sample(key):
    return random.choice(VALUES[key])


def choice(values):
    return random.choice(values)


def random_integer(least, most):
    return random.randint(least, most)


def random_word(least, most):
    length = random.randint(least, most)
    return "".join(random.choices(string.ascii_lowercase, k=length))


def random_email():
    return random_word(8, 12) + "@example.com"


@events.quitting.add_listener
def hold_against_targets(environment, **_):
    for method, route, measure, limit in TARGETS:
        stats = environment.stats
        entry = stats.total if route is None else stats.entries.get((route, method))
        where = "all requests" if route is None else f"{method} {route}"
        if entry is None or not entry.num_requests:
            print(f"NO DATA {where}")
            continue
        if measure == "errors":
            value, met = entry.fail_ratio, entry.fail_ratio < limit
        elif measure == "rps":
            value, met = entry.total_rps, entry.total_rps >= limit
        elif measure == "mean":
            value, met = entry.avg_response_time, entry.avg_response_time < limit
        else:
            value = entry.get_response_time_percentile(measure / 100)
            met = value < limit
        name = measure if isinstance(measure, str) else f"p{measure} ms"
        print(f"{'PASS' if met else 'FAIL'} {where} {name}: {value:.4g}, target {limit}")
        if not met:
            environment.process_exit_code = 1
