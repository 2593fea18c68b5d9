// A receiver as people write it: checks the signature, inserts, answers.
const crypto = require('crypto');
const express = require('express');
const Database = require('better-sqlite3');

const secret = process.env.INBOUNDFLOW_SIGNING_SECRET;
const db = new Database(process.env.DATABASE);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('CREATE TABLE IF NOT EXISTS deliveries (delivery_id TEXT PRIMARY KEY, body BLOB NOT NULL)');
const insert = db.prepare('INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING');

const app = express();
app.post('/webhooks/inboundflow', express.raw({ type: 'application/json', limit: '1mb' }), (req, res) => {
  const signed = `${req.get('X-InboundFlow-Timestamp')}.${req.body}`;
  const expected = 'sha256=' + crypto.createHmac('sha256', secret).update(signed).digest('hex');
  const given = req.get('X-InboundFlow-Signature') || '';
  if (given.length !== expected.length || !crypto.timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
    return res.status(401).json({ status: 'rejected' });
  }
  insert.run(JSON.parse(req.body).delivery_id, req.body);
  return res.json({ status: 'stored' });
});
app.listen(Number(process.env.PORT), '127.0.0.1');
