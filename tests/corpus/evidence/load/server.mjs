// The small server that the load tests and Lighthouse run against. Faults on purpose: `login` hashes with a blocking
// call, one answer in forty of `flaky` is an error, posts are read one by one, the page blocks and moves. With
// SERVER=optimized the faults are gone. Loopback only; ends when its input ends or after ten minutes.
import http from "node:http";
import { pbkdf2, pbkdf2Sync } from "node:crypto";

const GOOD = process.env.SERVER === "optimized";
const PORT = Number(process.env.PORT ?? 8123);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const POSTS = Array.from({ length: 50 }, (_, id) => ({ id, title: `Post ${id}`, author: id % 7, body: "word ".repeat(60) }));

const unused = Array.from({ length: 2000 }, (_, at) => `function unused${at}(a) { return a * ${at} + "${"x".repeat(20)}"; }`).join("\n");
const script = (ms) => `{ const until = performance.now() + ${ms}; while (performance.now() < until) {} }
addEventListener("click", () => { const until = performance.now() + ${ms}; while (performance.now() < until) {} document.title += "!"; });
${GOOD ? "" : unused}`;
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Posts</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css"><script src="/early.js"${GOOD ? " defer" : ""}></script></head>
<body><div id="banner"${GOOD ? ' style="height:120px"' : ""}></div><h1>Posts</h1><button id="more">More</button>
<img src="/hero.svg" alt="hero"${GOOD ? ' width="600" height="400"' : ""}>
<p>${"A paragraph that is long enough to be painted. ".repeat(20)}</p>
<script src="/app.js" defer></script>
<script>setTimeout(() => { document.getElementById("banner").innerHTML = "<p style='height:100px;margin:0'>Late banner</p>"; }, 300);</script>
</body></html>`;
const HERO = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">${"<rect width='600' height='400' fill='#38c'/>".repeat(GOOD ? 1 : 1500)}</svg>`;
const ASSETS = {
  "/style.css": ["text/css", "body{font:16px sans-serif}" + (GOOD ? "" : Array.from({ length: 800 }, (_, at) => `.unused${at}{color:red}`).join("")), 200],
  "/early.js": ["text/javascript", script(GOOD ? 5 : 120), 100],
  "/app.js": ["text/javascript", script(GOOD ? 10 : 260), 50],
  "/hero.svg": ["image/svg+xml", HERO, 500],
};

const server = http.createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const send = (status, type, body, headers = {}) => {
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...headers });
    response.end(body);
  };
  const json = (body, status = 200) => send(status, "application/json", JSON.stringify(body));
  if (path === "/") return send(200, "text/html", PAGE);
  if (ASSETS[path]) {
    const [type, body, delay] = ASSETS[path];
    await wait(GOOD ? 5 : delay);
    return send(200, type, body, GOOD ? { "cache-control": "public, max-age=31536000, immutable" } : {});
  }
  if (path === "/api/posts") {
    await wait(GOOD ? 4 : 25 + Math.random() * 10);
    return json(POSTS);
  }
  const post = /^\/api\/posts\/(\d+)$/.exec(path);
  if (post) {
    await wait(3);
    return json(POSTS[Number(post[1]) % POSTS.length]);
  }
  if (path === "/api/login") {
    const iterations = 4_000;
    if (!GOOD) return json({ hash: pbkdf2Sync("secret", "salt", iterations, 32, "sha256").toString("hex") });
    return pbkdf2("secret", "salt", iterations, 32, "sha256", (_, hash) => json({ hash: hash.toString("hex") }));
  }
  if (path === "/api/flaky") {
    await wait(2);
    return Math.random() < 1 / 40 ? json({ error: "try again" }, 503) : json({ ok: true });
  }
  return json({ error: "not found" }, 404);
});
server.listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
process.stdin.resume().on("end", () => process.exit());
setTimeout(() => process.exit(), 600_000);
