// The k6 script of the samples. Thresholds are read by Drydock from here too.
import http from "k6/http";
import { check, sleep } from "k6";

const BASE = __ENV.BASE || "http://127.0.0.1:8123";

export const options = {
  scenarios: {
    browse: { executor: "constant-vus", vus: Number(__ENV.VUS || 10), duration: __ENV.DURATION || "10s" },
  },
  summaryTrendStats: ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"],
  thresholds: {
    http_req_duration: ["p(95)<200", { threshold: "p(99)<400", abortOnFail: false }],
    "http_req_duration{name:posts}": ["p(95)<20"], // missed by the baseline
    "http_req_duration{name:login}": ["p(95)<80"],
    http_req_failed: ["rate<0.01"],
    http_reqs: ["count>100"],
  },
};

export default function () {
  http.get(`${BASE}/api/posts?page=1&size=50`, { tags: { name: "posts" } });
  http.get(`${BASE}/api/posts/${(__ITER * 7) % 50}`);
  http.post(`${BASE}/api/login`, "{}", { tags: { name: "login" } });
  const answer = http.get(`${BASE}/api/flaky`, { tags: { name: "flaky" } });
  check(answer, { "is answered": (r) => r.status === 200 });
  sleep(0.05);
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY || "handle.json"]: JSON.stringify(data, null, 2) };
}
