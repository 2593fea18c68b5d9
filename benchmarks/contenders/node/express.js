// A receiver as people write it in Express: checks the signature, inserts, answers.
const express = require('express');
const { enqueue, insert, isGenuine, serve } = require('./parts');

serve(() => {
  const app = express();
  app.post('/webhooks/inboundflow', express.raw({ type: 'application/json', limit: '1mb' }), async (req, res) => {
    if (!isGenuine(req.headers, req.body)) return res.status(401).json({ status: 'rejected' });
    const id = JSON.parse(req.body).delivery_id;
    insert(id, req.body);
    await enqueue(id);
    return res.json({ status: 'stored' });
  });
  app.listen(Number(process.env.PORT), '127.0.0.1');
});
