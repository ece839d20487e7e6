import { expect, it } from 'vitest'
import type { Transport } from '../http/transport.ts'
import { memoryStore } from '../stores/memory.ts'
import { envelopeVault, localKeyring, newMasterKey } from '../vault/index.ts'
import { webhookInbox } from './inbox/inbox.ts'
import { webhookSender } from './outbox/sender.ts'

const vault = envelopeVault({ keys: localKeyring({ current: 'a', keys: { a: newMasterKey() } }) })
const transport: Transport = {
  send: () => Promise.reject(new Error('nothing is sent')),
  close: () => Promise.resolve(),
}

it.each(['acme/endpoint', 'acme/', '/acme', '', '..', 'a b', 'a\nb', 'x'.repeat(101)])(
  'no name of a sender or inbox reaches into the keys of another: %j',
  (name) => {
    const store = memoryStore()
    expect(() => webhookSender({ store, vault, transport, name })).toThrow('webhook sender: name must be')
    expect(() => webhookInbox({ store, sources: {}, name })).toThrow('webhook inbox: name must be')
  },
)

it("one sender's sealed secret does not open as that of another, whoever moves it in the store", async () => {
  const store = memoryStore()
  const sender = (name: string) => webhookSender({ store, vault, transport, name })
  const [mine, theirs] = [sender('mine'), sender('theirs')]
  await mine.endpoints.create({ id: 'e', url: 'https://a.example/' })
  const entry = await store.get('webhook/mine/endpoint/e')
  await store.write([[{ kind: 'put', key: 'webhook/theirs/endpoint/e', value: entry?.value ?? '' }]])
  const [moved] = await theirs.endpoints.listStored()
  if (moved === undefined) throw new Error('nothing was moved')
  await expect(theirs.endpoints.signer(moved)).rejects.toMatchObject({ code: 'vault-refused' })
  const [own] = await mine.endpoints.listStored()
  if (own !== undefined) expect(await mine.endpoints.signer(own)).toBeTypeOf('function')
})
