// InboundFlow's webhook in Fastify. MISTAKE=schema puts a schema on the route, as Fastify's guide does.
const crypto = require("node:crypto");
const fastify = require("fastify")({ bodyLimit: 1024 * 1024 });

const secret = process.env.WEBHOOK_SECRET;
const seen = new Set();
const schema = {
  body: {
    type: "object",
    required: ["event", "delivery_id"],
    properties: { event: { enum: ["call.completed", "call.transferred", "appointment.booked", "lead.created"] } },
  },
};

fastify.decorateRequest("rawBody");
fastify.removeAllContentTypeParsers();
fastify.addContentTypeParser("*", { parseAs: "buffer" }, (req, body, done) => {
  req.rawBody = body;
  try {
    done(null, JSON.parse(body));
  } catch {
    done(null, {});
  }
});

function isGenuine(req) {
  const timestamp = req.headers["x-inboundflow-timestamp"] ?? "";
  const given = Buffer.from(req.headers["x-inboundflow-signature"] ?? "");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const body = req.rawBody ?? Buffer.alloc(0);
  const mac = crypto.createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex");
  const expected = Buffer.from(`sha256=${mac}`);
  return given.length === expected.length && crypto.timingSafeEqual(given, expected);
}

fastify.post("/webhook", process.env.MISTAKE === "schema" ? { schema } : {}, async (req, reply) => {
  if (!isGenuine(req)) return reply.code(401).send({ error: "invalid signature" });
  setImmediate(() => work(req.body));
  return { received: true };
});

function work(event) {
  if (seen.has(event?.delivery_id)) return;
  seen.add(event?.delivery_id);
  console.log(`${event?.event} from ${event?.data?.caller_name ?? "someone"}`);
}

fastify.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
