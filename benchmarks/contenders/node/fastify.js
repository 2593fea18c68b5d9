// A receiver as people write it in Fastify: checks the signature, inserts, answers.
const fastify = require('fastify');
const { enqueue, insert, isGenuine, serve } = require('./parts');

serve(() => {
  const app = fastify({ bodyLimit: 1048576 });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
  app.post('/webhooks/inboundflow', async (request, reply) => {
    if (!isGenuine(request.headers, request.body)) return reply.code(401).send({ status: 'rejected' });
    const id = JSON.parse(request.body).delivery_id;
    insert(id, request.body);
    await enqueue(id);
    return { status: 'stored' };
  });
  app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
});
