import { fileURLToPath } from 'node:url'
import { describe, inject } from 'vitest'
import { type Server, ServerUnavailable, startOnFreePort } from '../servers/server.ts'
import type { Peers } from './peers.ts'
import { run } from './run.ts'

/**
 * The path of a peer's program.
 * @throws ServerUnavailable when this machine has none
 */
export function peerProgram(name: keyof Peers): string {
  const peer = inject('peers')[name]
  if ('missing' in peer) throw new ServerUnavailable(peer.missing)
  return peer.path
}

/** Sends `input` to a script as JSON on its stdin, and gives the JSON that it prints. */
export type Ask = <Answer>(input: unknown) => Promise<Answer>

/**
 * A `describe` whose tests ask a script in Python that stands in `fixtures` beside the test. Where the machine cannot have Python and its
 * packages, the tests are skipped (the reason was printed before all tests); on CI that is a failure.
 */
export function describeWithPython(name: string, script: URL, tests: (ask: Ask) => void): void {
  const { python } = inject('peers')
  const ask: Ask = async (input) => {
    const { ok, stdout, output } = await run(peerProgram('python'), [fileURLToPath(script)], {
      input: JSON.stringify(input),
    })
    if (!ok) throw new Error(`${script.pathname} failed:\n${output}`)
    return JSON.parse(stdout)
  }
  if ('missing' in python && process.env.CI === 'true') throw new ServerUnavailable(python.missing)
  describe.runIf('path' in python)(name, () => tests(ask))
}

/** How to start a server in Python: it gets its port as argument and `settings` as JSON in PEER_SETTINGS, and prints `ready`. */
export function pythonServer(name: string, script: URL, settings: unknown): () => Promise<Server> {
  return () => start(name, peerProgram('python'), [fileURLToPath(script)], settings)
}

/** How to start the HTTP server that is written in Go; see `packages/core/src/http/fixtures/go-server`. */
export function goServer(settings: unknown): () => Promise<Server> {
  return () => start('go', peerProgram('goServer'), [], settings)
}

function start(name: string, command: string, args: readonly string[], settings: unknown): Promise<Server> {
  const env = { PEER_SETTINGS: JSON.stringify(settings), PYTHONUNBUFFERED: '1' }
  return startOnFreePort(
    name,
    (_folder, port) => ({ command, args: [...args, String(port)], env, readyLine: /^ready$/m }),
    (port) => `http://127.0.0.1:${port}`,
  )
}
