import type { CallOptions, Connection } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import type { AnyConnection, APICall, APISubject } from './api-subject.ts'
import { memoryAPI, memoryVendor } from './memory-api.ts'
import type { VendorRequest } from './scripted-server.ts'

const secret = 'memory-secret-token-value'

type MemoryConnection = Connection<typeof memoryAPI>

/** The memory connector as a subject of the suite: how to write one for a connector of your own. */
export function memorySubject(): APISubject {
  const vendor = memoryVendor()
  for (const number of [1, 2, 3, 4, 5]) {
    const id = `note-${number}`
    vendor.notes.set(id, { id, text: `Text ${number}` })
  }
  const answer = (request: VendorRequest) => vendor.answer(request)
  const call = (
    name: string,
    run: (connection: MemoryConnection, options: CallOptions) => Promise<unknown>,
    more: Partial<APICall> = {},
  ): APICall => ({
    name,
    answer,
    run: (connection: AnyConnection, options) => run(connection as unknown as MemoryConnection, options),
    ...more,
  })
  return {
    connector: memoryAPI,
    config: (url) => ({ url }),
    credential: bearer({ token: secret }),
    secrets: [secret],
    calls: [
      call('note.get', (connection, options) => connection.note.get({ id: 'note-1' }, options)),
      call('note.put', (connection, options) => connection.note.put({ id: 'note-1', text: 'New' }, options)),
      call('note.add', (connection, options) => connection.note.add({ text: 'Further' }, options), {
        answer: () => ({ status: 201, json: { id: 'note-9', text: 'Further' } }),
      }),
      call('note.delete', (connection, options) => connection.note.delete({ id: 'note-x' }, options), {
        ignoresBody: true,
      }),
      call('request.read', (connection, options) => connection.request.read({ path: '/notes/note-2' }, options)),
      call(
        'request.writeOnce',
        (connection, options) => connection.request.writeOnce({ path: '/notes', json: {} }, options),
        {
          answer: () => ({ status: 201, json: { id: 'note-9', text: 'Further' } }),
        },
      ),
    ],
    lists: [
      {
        name: 'note.list',
        answer,
        run: (connection, options) => (connection as unknown as MemoryConnection).note.list({}, options),
        pages: 3,
        records: 5,
      },
    ],
  }
}
