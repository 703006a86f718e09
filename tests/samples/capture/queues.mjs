// The shop's queues in real BullMQ. Usage: node queues.mjs REDIS_PORT JOBS_PORT
// POST /<queue>/<name> adds a job; GET /counts answers with what BullMQ itself reports; POST /partner is the
// fulfilment partner that the webhooks call, which refuses every sixth order.
import { createServer, request } from "node:http";
import { createRequire } from "node:module";

// Resolved from the working folder, where the capture script has installed the package.
const { Queue, Worker } = createRequire(`${process.cwd()}/`)("bullmq");

const [redisPort, jobsPort] = process.argv.slice(2).map(Number);
const connection = { host: "127.0.0.1", port: redisPort };
const kept = { removeOnComplete: { count: 1000 }, removeOnFail: { count: 5000 } };
const retried = { attempts: 2, backoff: { type: "exponential", delay: 1000 } };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let emptied = 0;

const callPartner = (order) =>
  new Promise((done, fail) => {
    const call = request({ port: jobsPort, host: "127.0.0.1", method: "POST", path: "/partner" }, (reply) => {
      reply.resume();
      if (reply.statusCode < 300) done();
      else fail(new Error(`partner answered ${reply.statusCode}`));
    });
    call.on("error", fail);
    call.end(JSON.stringify({ order }));
  });

// The mail provider takes over a second for each mail and one worker sends one at a time: that is the backlog.
const work = {
  emails: { concurrency: 1, run: async (job) => (job.name ? pause(900 + (Number(job.id) % 7) * 100) : void emptied++) },
  webhooks: { concurrency: 4, run: (job) => callPartner(job.data.order) },
  exports: { concurrency: 2, run: () => pause(60) },
};

const queues = {};
for (const [name, { concurrency, run }] of Object.entries(work)) {
  queues[name] = new Queue(name, { connection, defaultJobOptions: { ...kept, ...retried } });
  new Worker(name, run, { connection, concurrency }).on("error", (error) => console.error(name, error.message));
}

// Eviction can take a waiting job's hash; the oldest job that still exists is the oldest that will be done.
async function oldestWaiting(queue) {
  const [first] = await queue.getWaiting(0, 0);
  if (first) return first.timestamp;
  const found = (await queue.getWaiting(0, -1)).find((job) => job);
  return found ? found.timestamp : null;
}

async function report() {
  const shown = {};
  for (const [name, queue] of Object.entries(queues)) {
    shown[name] = {
      counts: await queue.getJobCounts(),
      workers: await queue.getWorkersCount(),
      isPaused: await queue.isPaused(),
      meta: { version: (await queue.getMeta()).version },
      oldestWaiting: await oldestWaiting(queue),
      capturedAt: Date.now(),
    };
  }
  return shown;
}

const body = async (call) => {
  let text = "";
  for await (const part of call) text += part;
  return text ? JSON.parse(text) : {};
};

async function answer(call) {
  const [, first, name] = call.url.split("/");
  if (first === "counts") return [200, await report()];
  if (first === "emptied") return [200, { emptied }];
  const sent = await body(call);
  if (first === "partner") return [Number(sent.order) % 6 === 0 ? 503 : 200, {}];
  await queues[first].add(name, sent);
  return [201, {}];
}

createServer((call, reply) =>
  answer(call).then(
    ([status, shown]) => reply.writeHead(status).end(JSON.stringify(shown)),
    (error) => reply.writeHead(500).end(JSON.stringify({ error: error.message })),
  ),
).listen(jobsPort, "127.0.0.1");
