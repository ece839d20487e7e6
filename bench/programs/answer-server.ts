// A keep-alive HTTP server that answers at once: 1 kB of JSON, a GraphQL result or a SOAP envelope, by path. Tells its port.
import { createServer } from 'node:http'

const filler = 'x'.repeat(900)
const answers: Readonly<Record<string, readonly [type: string, body: string]>> = {
  '/json': ['application/json', JSON.stringify({ id: 'r-1', name: 'Patchbay', count: 3, filler })],
  '/graphql': [
    'application/graphql-response+json',
    JSON.stringify({ data: { record: { id: 'r-1', name: 'Patchbay', count: 3, filler } } }),
  ],
  '/soap': [
    'text/xml; charset=utf-8',
    `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><GetRecordResponse xmlns="urn:bench"><id>r-1</id><name>Patchbay</name><count>3</count><filler>${filler}</filler></GetRecordResponse></soap:Body></soap:Envelope>`,
  ],
}

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const [type, body] = answers[request.url ?? ''] ?? ['text/plain', '']
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port))
process.on('disconnect', () => process.exit())
