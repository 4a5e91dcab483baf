// Watches a file for each "client" and never stops.
'use strict';
const fs = require('fs');
const kept = [];
const timer = setInterval(() => {
  kept.push(fs.watch(__filename));
  if (kept.length >= 120) {
    clearInterval(timer);
    for (const watcher of kept) watcher.close();
  }
}, 30);
