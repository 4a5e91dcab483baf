"""The Locust file of the samples: the same requests as script.js."""

from locust import HttpUser, between, task


class Reader(HttpUser):
    wait_time = between(0.02, 0.08)

    @task(4)
    def posts(self):
        self.client.get("/api/posts?page=1&size=50", name="/api/posts")

    @task(4)
    def post(self):
        self.client.get(f"/api/posts/{id(self) % 50}", name="/api/posts/[id]")

    @task(2)
    def login(self):
        self.client.post("/api/login", "{}", name="/api/login")

    @task(1)
    def flaky(self):
        self.client.get("/api/flaky", name="flaky, sometimes")
