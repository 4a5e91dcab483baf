// A server whose login computes a key on the event loop, whose report parses a large text for each request, and
// which keeps every session. Stops after `--requests` requests, so that profilers write their file.
'use strict';
const http = require('http');
const crypto = require('crypto');
const fs = require('fs');
const { promisify } = require('util');

const wanted = Number(process.argv[2] || 300);
const iterations = Number(process.env.ITERATIONS || 20000);
const sessions = [];
const text = JSON.stringify(Array.from({ length: 4000 }, (_, id) => ({ id, name: `name ${id}`, tags: ['a', 'b', 'c'] })));

function login() {
  const key = crypto.pbkdf2Sync('secret', 'salt', iterations, 32, 'sha256');
  sessions.push(Buffer.alloc(64 * 1024, key));
  return key.toString('hex');
}

function report() {
  const rows = JSON.parse(text);
  return JSON.stringify(rows.filter((row) => /name \d*7$/.test(row.name)).map((row) => row.name));
}

function motd() {
  return fs.readFileSync(__filename, 'utf8').slice(0, 20);
}

const later = promisify(crypto.pbkdf2);

async function safe() {
  return (await later('secret', 'salt', iterations, 32, 'sha256')).toString('hex');
}

const routes = { '/login': login, '/report': report, '/motd': motd, '/safe': safe };
let served = 0;

const server = http.createServer(async (request, response) => {
  const route = routes[request.url] || motd;
  response.end(await route());
  served += 1;
  if (served >= wanted) {
    server.close();
    server.closeAllConnections();
  }
});

server.listen(0, '127.0.0.1', () => {
  fs.writeFileSync(process.argv[3] || 'port', String(server.address().port));
});
