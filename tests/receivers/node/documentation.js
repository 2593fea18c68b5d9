// InboundFlow's webhook in Express, with a verifier after the one in its documentation: the body is parsed and written anew.
const crypto = require("node:crypto");
const express = require("express");

const secret = process.env.WEBHOOK_SECRET;
const seen = new Set();
const app = express();

app.use(express.json());

function verify(req) {
  const timestamp = req.headers["x-inboundflow-timestamp"];
  const signature = req.headers["x-inboundflow-signature"];
  const message = `${timestamp}.${JSON.stringify(req.body)}`;
  const expected = "sha256=" + crypto.createHmac("sha256", secret).update(message).digest("hex");
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

app.post("/webhook", (req, res) => {
  if (!verify(req)) {
    return res.status(401).json({ error: "invalid signature" });
  }
  res.status(200).json({ received: true });
  if (seen.has(req.body.delivery_id)) return;
  seen.add(req.body.delivery_id);
  setImmediate(() => work(req.body));
});

function work(event) {
  switch (event.event) {
    case "call.completed":
      return console.log(`${event.data.caller_name}: ${event.data.summary}`);
    case "lead.created":
      return console.log(`new lead: ${event.data.caller_phone}`);
  }
}

app.listen(Number(process.env.PORT), "127.0.0.1");
