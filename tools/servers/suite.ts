import { writeSync } from 'node:fs'
import { afterAll, describe } from 'vitest'
import { type Server, ServerUnavailable } from './server.ts'

/**
 * A `describe` that needs a real server, started before the tests inside are collected and stopped after the last of them.
 * Where the machine cannot have the server, the tests are skipped and the reason is printed; on CI that is a failure.
 *
 *     await describeWithServer('PostgreSQL store', startPostgres, (server) => { test('…', () => connectTo(server.url)) })
 */
export async function describeWithServer<S extends Server>(
  name: string,
  start: () => Promise<S>,
  tests: (server: S) => void,
): Promise<void> {
  let server: S
  try {
    server = await start()
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || process.env.CI === 'true') throw error
    writeSync(2, `\nSKIPPED: ${name}: ${error.message}\n`)
    const absent = new Proxy({} as S, { get: () => undefined })
    describe.runIf(false)(`${name} (skipped: ${error.message})`, () => tests(absent))
    return
  }
  describe(name, () => {
    afterAll(() => server.stop())
    tests(server)
  })
}
