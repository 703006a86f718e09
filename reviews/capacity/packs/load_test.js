/*HEADER*/
//
// Safe by default: 5 % of the busiest load, reads only, three minutes. Nothing is sent before all it needs is filled in.
//
//   k6 run -e BASE_URL=https://staging.example.com load-test.js
//   k6 run -e BASE_URL=https://staging.example.com -e CONFIRM_FULL=yes load-test.js            # up to your own peak
//   k6 run -e BASE_URL=https://staging.example.com -e CONFIRM_FULL=yes -e UP_TO=5 load-test.js # up to 5 x that
//   k6 run -e BASE_URL=https://staging.example.com -e CONFIRM_FULL=yes -e AT=2 load-test.js    # 2 x that and no other
//
//   AUTHORIZATION, COOKIE   sent as these headers, so that no secret stands in this file
//   WRITES=yes              also sends what is no GET, with the bodies that you fill in below
//   PEAK_RPS                requests per second of your busiest minute, where it differs from what was measured
//   STOP_AT                 share of failed requests at which the test ends itself (0.1)
import http from 'k6/http';
import { check } from 'k6';

// 1. Fill in: `values` of each parameter (some that exist on the test system), `method` where it is empty, `body` of
//    writes (text), `query` where the route needs one ("?q=sea"). Set `skip` to true to leave a route out.
const ROUTES = /*ROUTES*/[];

// 2. What was measured, stated or set as a target.
const PLAN = /*PLAN*/{};

const READS = ['GET', 'HEAD', 'OPTIONS'];
const BASE_URL = String(__ENV.BASE_URL || '').replace(/\/+$/, '');
const PEAK_RPS = Number(__ENV.PEAK_RPS || PLAN.peak_rps || 0);
const FULL = __ENV.CONFIRM_FULL === 'yes';
const UP_TO = Number(__ENV.UP_TO || 1);
const AT = Number(__ENV.AT || 0);
const STOP_AT = Number(__ENV.STOP_AT || 0.1);

const CHOSEN = ROUTES.filter((route) => !route.skip && (isRead(route) || __ENV.WRITES === 'yes'));
const SHARE = CHOSEN.reduce((sum, route) => sum + route.share, 0);

function isRead(route) {
  return route.method === '' || READS.includes(route.method);
}

function missing() {
  const wants = [];
  if (!/^https?:\/\/[^/]/.test(BASE_URL)) {
    wants.push('BASE_URL: the test system, as -e BASE_URL=https://staging.example.com');
  }
  if (!(PEAK_RPS > 0)) {
    wants.push('PEAK_RPS: requests per second of your busiest minute, as -e PEAK_RPS=40; no export showed it');
  }
  if (!(UP_TO > 0) || !(AT >= 0) || !(STOP_AT > 0 && STOP_AT <= 1)) {
    wants.push('UP_TO and AT must be numbers above 0, STOP_AT a share above 0 and at most 1');
  }
  if (AT > 0 && !FULL) {
    wants.push('CONFIRM_FULL=yes: AT sends that multiple of your peak');
  }
  if (CHOSEN.length === 0) {
    wants.push('ROUTES: at least one route to call; -e WRITES=yes also takes those that are no GET');
  }
  for (const route of CHOSEN) {
    if (route.method === '') wants.push(`${route.route}: method ("GET", "POST" ...)`);
    for (const parameter of route.parameters) {
      if (parameter.values.length === 0) wants.push(`${route.route}: values of ${parameter.name}`);
    }
    if (!isRead(route) && route.body === null) wants.push(`${route.method} ${route.route}: body`);
  }
  return wants;
}

const MISSING = missing();
if (MISSING.length > 0) {
  throw new Error(`Nothing was sent. Fill in first (part 1 of this file, or the environment):\n  ${MISSING.join('\n  ')}`);
}

// Open loop: requests start at this rate whether or not earlier ones were answered, as visitors do. k6 wants whole
// numbers, so the rate is for a minute. Routes that are left out take their share of the load with them.
const PER_MINUTE = PEAK_RPS * 60 * SHARE * PLAN.covered;
// One level alone is reached at once, so that the figures of the run are those of that load.
const RISING = FULL ? PLAN.multiples.filter((multiple) => multiple <= UP_TO) : [0.05];
const LEVELS = AT > 0 ? [AT] : RISING;
const [RAMP, HOLD, END] = AT > 0 ? ['5s', '5m', '5s'] : FULL ? ['1m', '5m', '30s'] : ['30s', '2m', '30s'];

function stages() {
  const steps = [];
  for (const level of LEVELS) {
    const target = Math.max(1, Math.round(PER_MINUTE * level));
    steps.push({ duration: RAMP, target: target }, { duration: HOLD, target: target });
  }
  return steps.concat({ duration: END, target: 0 });
}

// Little's law: requests in flight = rate x seconds each takes. Twice that is prepared; k6 adds up to ten times more.
const IN_FLIGHT = Math.ceil(((PER_MINUTE * Math.max(...LEVELS)) / 60) * PLAN.seconds * 2) + 1;

export const options = {
  scenarios: {
    visitors: {
      executor: 'ramping-arrival-rate',
      timeUnit: '1m',
      startRate: 1,
      stages: stages(),
      preAllocatedVUs: IN_FLIGHT,
      maxVUs: Math.max(50, IN_FLIGHT * 10),
    },
  },
  thresholds: Object.assign(Object.fromEntries(PLAN.thresholds), {
    http_req_failed: [
      ...PLAN.failed,
      { threshold: `rate<${STOP_AT}`, abortOnFail: true, delayAbortEval: '30s' },
    ],
  }),
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)'],
};

function pick() {
  let left = Math.random() * SHARE;
  for (const route of CHOSEN) {
    left -= route.share;
    if (left < 0) return route;
  }
  return CHOSEN[CHOSEN.length - 1];
}

// `path` holds text and, in its turn, the number of a parameter.
function address(route) {
  const parts = route.path.map((part) => {
    if (typeof part === 'string') return part;
    const parameter = route.parameters[part];
    const value = String(parameter.values[Math.floor(Math.random() * parameter.values.length)]);
    return parameter.rest ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
  return BASE_URL + parts.join('') + route.query;
}

function headers(route) {
  const sent = {};
  if (__ENV.AUTHORIZATION) sent.Authorization = __ENV.AUTHORIZATION;
  if (__ENV.COOKIE) sent.Cookie = __ENV.COOKIE;
  if (!isRead(route)) sent['Content-Type'] = route.content_type;
  return sent;
}

export default function () {
  const route = pick();
  const tags = { name: `${route.method} ${route.route}`, flow: route.flow };
  const body = isRead(route) ? null : route.body;
  const answer = http.request(route.method, address(route), body, { headers: headers(route), tags: tags });
  check(answer, { 'answered below 400': (response) => response.status > 0 && response.status < 400 });
}

export function handleSummary(data) {
  const run = data.metrics;
  const file = AT > 0 ? `load-test-summary-at-${AT}.json` : 'load-test-summary.json';
  const p95 = run.http_req_duration ? run.http_req_duration.values['p(95)'] : null;
  const failed = run.http_req_failed ? run.http_req_failed.values.rate : null;
  const dropped = run.dropped_iterations ? run.dropped_iterations.values.count : 0;
  const said = [
    `requests ${run.http_reqs ? run.http_reqs.values.count : 0}, p95 ${p95 === null ? 'unknown' : p95.toFixed(0)} ms, ` +
      `failed ${failed === null ? 'unknown' : (failed * 100).toFixed(2)} %`,
    dropped > 0 ? `${dropped} requests were not sent in time: k6 needs more machine, or the system answered too slowly` : '',
    `Upload ${file} to the review.`,
  ];
  return { [file]: JSON.stringify(data), stdout: said.filter(Boolean).join('\n') + '\n' };
}
