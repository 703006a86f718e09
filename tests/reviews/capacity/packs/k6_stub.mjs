// Runs a k6 script under Node with a pretended k6: node k6_stub.mjs SCRIPT ENV REQUESTS. Prints what it would have sent.
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [script, env, count] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'k6-'));
const k6 = join(folder, 'node_modules', 'k6');
mkdirSync(k6, { recursive: true });
writeFileSync(join(k6, 'package.json'), '{"name":"k6","type":"module","exports":{".":"./k6.js","./http":"./http.js"}}');
writeFileSync(join(k6, 'k6.js'), 'export function check(answer, checks) { return Object.values(checks).every((c) => c(answer)); }');
writeFileSync(
  join(k6, 'http.js'),
  'export default { request(...given) { globalThis.sent.push(given); return { status: 200 }; } };',
);
copyFileSync(script, join(folder, 'script.mjs'));
globalThis.__ENV = JSON.parse(env);
globalThis.sent = [];
try {
  const test = await import(join(folder, 'script.mjs'));
  for (let i = 0; i < Number(count); i += 1) test.default();
  const summary = test.handleSummary({ metrics: {} });
  console.log(JSON.stringify({ options: test.options, sent: globalThis.sent, summary: summary }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
