// Works in twenty pieces of 12 ms and writes the trace of it with V8's processor profile: node traced.js FILE
// (`--trace-event-categories` leaves the profile out; the inspector's tracing has it).
const { Session } = require('inspector');
const fs = require('fs');
const session = new Session();
session.connect();
const traceEvents = [];
session.on('NodeTracing.dataCollected', (message) => traceEvents.push(...message.params.value));
session.on('NodeTracing.tracingComplete', () => fs.writeFileSync(process.argv[2], JSON.stringify({ traceEvents })));
const includedCategories = ['node', 'v8', 'disabled-by-default-v8.cpu_profiler'];

function busy(ms) {
  const end = Date.now() + ms;
  let sum = 0;
  while (Date.now() < end) for (let i = 0; i < 1e4; i++) sum += Math.sqrt(i);
  return sum;
}
function handler() {
  return busy(12);
}
session.post('NodeTracing.start', { traceConfig: { includedCategories } }, () => {
  let rounds = 0;
  const kept = [];
  const timer = setInterval(() => {
    handler();
    // Something to collect.
    kept.push(new Array(1e5).fill(rounds));
    if (++rounds === 20) {
      clearInterval(timer);
      session.post('NodeTracing.stop');
    }
  }, 20);
});
