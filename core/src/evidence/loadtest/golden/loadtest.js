// Load test of shop: 5 requests from its routes, written by Drydock.
// k6 run -e BASE_URL=http://127.0.0.1:8000 -e VUS=5 -e DURATION=10s loadtest.js
import http from 'k6/http';
import { check, sleep } from 'k6';

const BASE_URL = (__ENV.BASE_URL || "http://127.0.0.1:8000").replace(/\/+$/, '');
// Requests that may change data are left out unless WRITES=1: send them to a copy of the data only.
const WRITES = __ENV.WRITES === '1';

// >>> AUTHENTICATION: fill this in. 2 of 5 requests ask for it. What this returns is sent as headers with them.
function authentication() {
  const token = __ENV.TOKEN;
  return token ? { Authorization: `Bearer ${token}` } : {};
}
// <<< AUTHENTICATION

// >>> VALUES: put in what exists in your data. A value that does not counts as a failed request.
const VALUES = {
  carts_id: ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"], // DELETE /carts/{id}
  customer_id: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], // POST /orders
  order_id: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], // GET /orders/{order_id}
};
// <<< VALUES

export const options = {
  vus: Number(__ENV.VUS || 5),
  duration: __ENV.DURATION || '10s',
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'count'],
  // The targets. A run that misses one ends with exit code 99.
  thresholds: {
    "http_req_duration": ["p(95)<500"],
    "http_req_failed": ["rate<0.02"],
    "http_reqs": ["rate>=5"],
    "http_req_duration{name:GET /orders/{order_id}}": ["p(99)<200", "avg<80.5"],
  },
};

// Each iteration sends one of these; a weight of 3 is sent three times as often as a weight of 1.
const REQUESTS = [
  // app/api.py:60 Carts.delete
  // asks for authentication: login_required
  // check this: The prefix is computed at run time
  { weight: 1, writes: true, send: () => request("DELETE", "DELETE /carts/{id}", "/carts/" + encodeURIComponent(sample("carts_id")), { auth: true }) },
  // app/api.py:80 upload
  { weight: 1, writes: true, send: () => request("POST", "POST /files", "/files", { form: { "file": http.file('written by Drydock', 'drydock.txt'), "title": randomWord(5, 10) } }) },
  // app/api.py:12 list_orders
  // left out, optional: q
  { weight: 3, writes: false, send: () => request("GET", "GET /orders", "/orders", { query: { "limit": randomInteger(1, 20) } }) },
  // app/api.py:30 place_order
  // asks for authentication: Depends(current_user)
  { weight: 1, writes: true, send: () => request("POST", "POST /orders", "/orders", { auth: true, json: { "customer_id": sample("customer_id"), "email": randomEmail(), "state": choice(["new", "paid"]), "lines": [{ "sku": randomWord(5, 8), "count": randomInteger(1, 9) }, { "sku": randomWord(5, 8), "count": randomInteger(1, 9) }], "extra": { [randomWord(5, 10)]: randomInteger(1, 100) } } }) },
  // app/api.py:20 read_order
  { weight: 3, writes: false, send: () => request("GET", "GET /orders/{order_id}", "/orders/" + encodeURIComponent(sample("order_id"))) },
].filter((one) => WRITES || !one.writes);

export default function () {
  if (REQUESTS.length === 0) {
    throw new Error('All requests may change data: run with -e WRITES=1, against a copy of the data');
  }
  const total = REQUESTS.reduce((sum, one) => sum + one.weight, 0);
  let at = Math.random() * total;
  const next = REQUESTS.find((one) => (at -= one.weight) < 0) || REQUESTS[0];
  const response = next.send();
  check(response, { 'status is below 400': (r) => r.status > 0 && r.status < 400 });
  sleep(Number(__ENV.THINK || 0.1));
}

function request(method, name, path, { auth = false, query = {}, headers = {}, json, form } = {}) {
  const pairs = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  const url = BASE_URL + path + (pairs.length > 0 ? `?${pairs.join('&')}` : '');
  const all = Object.assign({}, headers, auth ? authentication() : {});
  let body = null;
  if (json !== undefined) {
    body = JSON.stringify(json);
    all['Content-Type'] = 'application/json';
  } else if (form !== undefined) {
    body = form;
  }
  return http.request(method, url, body, { headers: all, tags: { name } });
}

function sample(key) {
  const values = VALUES[key];
  return values[Math.floor(Math.random() * values.length)];
}

function choice(values) {
  return values[Math.floor(Math.random() * values.length)];
}

function randomInteger(min, max) {
  return Math.floor(Math.random() * (max - min + 1)) + min;
}

function randomWord(min, max) {
  const length = Math.floor(Math.random() * (max - min + 1)) + min;
  let word = '';
  while (word.length < length) word += String.fromCharCode(97 + Math.floor(Math.random() * 26));
  return word;
}

function randomEmail() {
  return `${randomWord(8, 12)}@example.com`;
}
