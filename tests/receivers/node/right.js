// InboundFlow's webhook in Express: the raw bytes are verified before anything else, whatever is signed gets 200, and the work comes after.
const crypto = require("node:crypto");
const express = require("express");

const secret = process.env.WEBHOOK_SECRET;
const seen = new Set(); // in earnest: a table with a unique column
const app = express();

function isGenuine(req) {
  const timestamp = req.get("x-inboundflow-timestamp") ?? "";
  const given = Buffer.from(req.get("x-inboundflow-signature") ?? "");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const mac = crypto.createHmac("sha256", secret).update(`${timestamp}.`).update(req.body).digest("hex");
  const expected = Buffer.from(`sha256=${mac}`);
  return given.length === expected.length && crypto.timingSafeEqual(given, expected);
}

app.post("/webhook", express.raw({ type: () => true, limit: "1mb", inflate: false }), (req, res) => {
  if (!Buffer.isBuffer(req.body) || !isGenuine(req)) return res.status(401).json({ error: "invalid signature" });
  res.json({ received: true });
  setImmediate(() => work(req.body));
});

function work(body) {
  let event;
  try {
    event = JSON.parse(body);
  } catch {
    return console.log("signed, and no JSON: kept as it is");
  }
  if (seen.has(event?.delivery_id)) return;
  seen.add(event?.delivery_id);
  console.log(`${event?.event} from ${event?.data?.caller_name ?? "someone"}`);
}

app.listen(Number(process.env.PORT), "127.0.0.1");
