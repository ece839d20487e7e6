// Recordings: real traffic once, offline tests from then on. Secrets are taken out before anything is written.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, defineConnector, systemClock, type Transport } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path, undiciTransport } from '@patchbay/core/http'
import { faultServer, loadFixture, recorder, replay } from '@patchbay/core/testing'
import { z } from 'zod'

const user = z.object({ id: z.number(), login: z.string(), email: z.string() })
const directory = defineConnector({
  contract: 1,
  manifest: { id: 'api/directory', title: 'Directory', summary: 'Users.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [bearer.scheme],
  operations: {
    'user.create': httpOperation(
      {
        name: 'user.create',
        effect: 'write',
        input: z.strictObject({ login: z.string(), password: z.string() }),
        output: user,
      },
      { request: (json) => ({ method: 'POST', path: path`/users`, json }), wire: user },
    ),
    'user.get': httpOperation(
      { name: 'user.get', effect: 'read', input: z.strictObject({ id: z.number() }), output: user },
      { request: ({ id }) => ({ path: path`/users/${id}` }), wire: user },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const ada = {
  id: 1,
  login: 'ada',
  email: 'ada@acme.example',
  session: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
}
await using vendor = await faultServer({
  answer: { 'POST /users': { status: 201, json: ada }, 'GET /users/1': { json: ada } },
})
const token = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'

/** The scenario, the same while recording and while replaying. */
async function scenario(transport: Transport, credential: string): Promise<string> {
  await using connection = connect(directory, {
    config: { url: vendor.origin },
    credential: bearer({ token: credential }),
    transport,
  })
  const made = await connection.user.create({ login: 'ada', password: 'correct horse' })
  const { login } = await connection.user.get({ id: made.id })
  return `${login} (${made.id})`
}

// Once, against the real thing. Headers that the credential wrote, fields with names of secrets and shapes of tokens are replaced
// always; what else must not be written is named here. A known secret that is still found in it makes saving fail.
const real = undiciTransport({ clock: systemClock, allow: [{ host: '127.0.0.1' }] })
const recording = recorder({ transport: real, redact: { secrets: [token, 'correct horse'], emails: true } })
console.log('recorded:', await scenario(recording, token))
const folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'))
const file = join(folder, 'create-user.json')
await recording.save(file, 'a user is made and read')
await real.close()

const text = await readFile(file, 'utf8')
for (const secret of [token, 'correct horse', 'ada@acme.example', ada.session])
  console.log('written:', text.includes(secret) ? secret : 'no secret')
const [first] = (await loadFixture(file)).exchanges
console.log(
  first?.request.headers.authorization,
  JSON.stringify(first?.request.body),
  JSON.stringify(first?.response?.body),
)

// From now on offline, with any credential. What was not recorded is a mistake of the test, and the message says what differs.
const played = replay(await loadFixture(file))
console.log('replayed:', await scenario(played, 'another-token'))
played.verify()
const again = replay(await loadFixture(file))
await using connection = connect(directory, {
  config: { url: vendor.origin },
  credential: bearer({ token: 't' }),
  transport: again,
})
await connection.user.get({ id: 2 }).catch((error: unknown) => console.log(String(error)))
await rm(folder, { recursive: true })
