// What the two receivers share: the signature, the table, the queue, and how many processes serve.
const cluster = require('cluster');
const crypto = require('crypto');
const Database = require('better-sqlite3');

const secret = process.env.INBOUNDFLOW_SIGNING_SECRET;
const db = new Database(process.env.DATABASE, { timeout: 10000 });
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('CREATE TABLE IF NOT EXISTS deliveries (delivery_id TEXT PRIMARY KEY, body BLOB NOT NULL)');
const statement = db.prepare('INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING');
const queue = process.env.REDIS_URL && connect();

function connect() {
  const { Queue } = require('bullmq');
  return new Queue('deliveries', { connection: { url: process.env.REDIS_URL } });
}

function isGenuine(headers, body) {
  const signed = `${headers['x-inboundflow-timestamp']}.${body}`;
  const expected = 'sha256=' + crypto.createHmac('sha256', secret).update(signed).digest('hex');
  const given = headers['x-inboundflow-signature'] || '';
  return given.length === expected.length && crypto.timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function insert(id, body) {
  statement.run(id, body);
}

async function enqueue(id) {
  if (queue) await queue.add('delivery', { id }, { jobId: id });
}

function serve(listen) {
  const processes = Number(process.env.PROCESSES || 1);
  if (processes === 1 || !cluster.isPrimary) return listen();
  for (let n = 0; n < processes; n += 1) cluster.fork();
}

module.exports = { enqueue, insert, isGenuine, serve };
