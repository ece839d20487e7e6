// The authorization server as a process of its own, for drills that kill the client's process or this one:
//   node authorization-server-process.ts '{"clients":[{"clientId":"app"}],"graceMs":0}'
// Prints {"url":"http://127.0.0.1:..."} once it listens; ends with its stdin.
import { startAuthorizationServer } from './authorization-server.ts'

const server = await startAuthorizationServer(JSON.parse(process.argv[2] ?? '{}'))
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.stdin.resume()
process.stdin.on('end', () => void server.close())
