// Load test of the example, written by `drydock loadtest examples/demo --tool k6`. By hand: values that exist in the
// data, and only requests that need the database alone.
// k6 run -e BASE_URL=http://127.0.0.1:8000 -e VUS=10 -e DURATION=30s loadtest.js
import http from 'k6/http';
import { check, sleep } from 'k6';

const BASE_URL = (__ENV.BASE_URL || "http://127.0.0.1:8000").replace(/\/+$/, '');
// Requests that may change data are left out unless WRITES=1: send them to a copy of the data only.
const WRITES = __ENV.WRITES === '1';

// >>> AUTHENTICATION: fill this in. 0 of 26 requests ask for it. What this returns is sent as headers with them.
function authentication() {
  const token = __ENV.TOKEN;
  return token ? { Authorization: `Bearer ${token}` } : {};
}
// <<< AUTHENTICATION

// >>> VALUES: put in what exists in your data. A value that does not counts as a failed request.
const VALUES = {
  customer: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], // GET /reports/customers/{customer}/count, GET /reports/customers/{customer}/orders
};
// <<< VALUES

export const options = {
  vus: Number(__ENV.VUS || 10),
  duration: __ENV.DURATION || '30s',
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'count'],
  // The targets. A run that misses one ends with exit code 99.
  thresholds: {
    "http_req_failed": ["rate<0.01"],
    // Always met: they make k6 report each route.
    "http_req_duration{name:GET /catalog/quotes}": ["max>=0"],
    "http_req_duration{name:GET /catalog/search}": ["max>=0"],
    "http_req_duration{name:GET /orders}": ["max>=0"],
    "http_req_duration{name:GET /reports/customers/{customer}/orders}": ["max>=0"],
    "http_req_duration{name:GET /reports/revenue}": ["max>=0"],
    "http_req_duration{name:GET /reports/states}": ["max>=0"],
  },
};

// Each iteration sends one of these; a weight of 3 is sent three times as often as a weight of 1.
const REQUESTS = [
  // app/api/catalog.py:24 quotes
  // left out, optional: code
  { weight: 3, writes: false, send: () => request("GET", "GET /catalog/quotes", "/catalog/quotes", { query: { "skus": skus() } }) },
  // app/api/catalog.py:45 search
  { weight: 3, writes: false, send: () => request("GET", "GET /catalog/search", "/catalog/search", { query: { "words": "blue lamp" } }) },
  // app/api/orders.py:30 list_orders
  { weight: 3, writes: false, send: () => request("GET", "GET /orders", "/orders") },
  // app/api/reports.py:45 order_count
  { weight: 3, writes: false, send: () => request("GET", "GET /reports/customers/{customer}/orders", "/reports/customers/" + encodeURIComponent(sample("customer")) + "/orders") },
  // app/api/reports.py:26 revenue
  { weight: 3, writes: false, send: () => request("GET", "GET /reports/revenue", "/reports/revenue") },
  // app/api/reports.py:39 states
  { weight: 3, writes: false, send: () => request("GET", "GET /reports/states", "/reports/states") },
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

function randomInteger(min, max) {
  return Math.floor(Math.random() * (max - min + 1)) + min;
}

function randomWord(min, max) {
  const length = Math.floor(Math.random() * (max - min + 1)) + min;
  let word = '';
  while (word.length < length) word += String.fromCharCode(97 + Math.floor(Math.random() * 26));
  return word;
}

// Twenty articles that exist.
function skus() {
  const first = randomInteger(1, 1900);
  return Array.from({ length: 20 }, (_, n) => `SKU-${String(first + n).padStart(5, '0')}`).join(',');
}

// The whole summary as a file, with all percentiles.
export function handleSummary(data) {
  return { [__ENV.OUT || 'k6.json']: JSON.stringify(data) };
}
