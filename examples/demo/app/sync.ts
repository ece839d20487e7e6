// The app's process that keeps tickets up to date: two connections, two streams, one store. It may be killed at any moment.
import {
  type Connection,
  connect,
  Events,
  isPatchbayError,
  type StreamSpec,
  systemClock,
  type Write,
} from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { undiciTransport } from '@patchbay/core/http'
import { readStream } from '@patchbay/core/streams'
import { github, issueChanges as githubChanges } from '../connectors/github/index.ts'
import { jira, issueChanges as jiraChanges } from '../connectors/jira/index.ts'
import { answerParent } from '../drill/link.ts'
import { type Activity, newActivity, watch } from './activity.ts'
import { type Breakage, perhapsDropping, perhapsForgetting, settle } from './breakage.ts'
import { type JiraClient, jiraCredential } from './jira-consent.ts'
import { policies } from './policies.ts'
import { openStorage, type Storage } from './storage.ts'
import { type Ticket, ticketKey, ticketOfGithub, ticketOfJira } from './ticket.ts'

export interface SyncStart {
  readonly file: string
  readonly masterKey: string
  readonly github: { readonly url: string; readonly token: string; readonly owner: string; readonly repo: string }
  readonly jira: {
    readonly url: string
    readonly issuer: string
    readonly client: JiraClient
    readonly project: string
  }
  readonly breakage: Breakage | undefined
}

/** By connection. */
export type SyncNews = Readonly<Record<'github' | 'jira', Activity>>

const activity: SyncNews = { github: newActivity(), jira: newActivity() }
let storage: Storage
let breakage: Breakage | undefined
let passes: readonly (() => Promise<void>)[] = []
let connections: readonly Connection<typeof github | typeof jira>[] = []

/** The vendors are on this machine, where tenants' URLs may not lead unless it is said so. */
const transport = () =>
  undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.1/32' }], limits: { bodyIdleMs: 1000 } })

async function start({ file, masterKey, github: hub, jira: tracker, breakage: given }: SyncStart): Promise<void> {
  breakage = given
  storage = openStorage(file, masterKey)
  const { store, vault, secrets } = storage
  const options = { store, vault, policies, tenant: 'acme' }

  const hubEvents = new Events()
  watch(hubEvents, activity.github)
  const hubConnection = connect(github, {
    ...options,
    id: 'github',
    config: { url: hub.url },
    credential: bearer({ token: hub.token }),
    transport: transport(),
    events: hubEvents,
  })
  const { owner, repo } = hub
  const hubStream = githubChanges({ owner, repo })
  const hubPass = await pass('github', hubConnection, hubStream, (issue) => ticketOfGithub(issue, `${owner}/${repo}`))

  const trackerEvents = new Events()
  watch(trackerEvents, activity.jira)
  const trackerTransport = transport()
  const trackerConnection = connect(jira, {
    ...options,
    id: 'jira',
    config: { url: tracker.url },
    credential: await jiraCredential(tracker.issuer, tracker.client, secrets, trackerTransport),
    transport: trackerTransport,
    events: trackerEvents,
  })
  const trackerStream = jiraChanges({ project: tracker.project })
  const trackerPass = await pass('jira', trackerConnection, trackerStream, (issue) => ticketOfJira(issue, tracker.url))

  passes = [hubPass, trackerPass]
  connections = [hubConnection, trackerConnection]
}

/** One read of a stream into the store: tickets, what was applied, and the cursor, in one atomic step per batch. */
async function pass<C, Item>(
  name: keyof SyncNews,
  connection: C,
  stream: StreamSpec<C, Item>,
  toTicket: (item: Item) => Ticket,
): Promise<() => Promise<void>> {
  const { store } = storage
  const reader = readStream(connection, perhapsDropping(stream, breakage), { key: `stream/${name}`, store })
  await perhapsForgetting(reader, breakage)
  const readOnce = async (): Promise<void> => {
    for await (const batch of reader) {
      const tickets = batch.records.map(toTicket)
      const writes: Write[] = tickets.map((ticket) => ({
        kind: 'put',
        key: ticketKey(ticket.id),
        value: JSON.stringify(ticket),
      }))
      // What was applied, for the proof: a record that takes effect twice stands here twice.
      const applied = tickets.map(({ key, updatedAt }) => `${key} ${updatedAt}`)
      writes.push({ kind: 'append', log: `applied/${name}`, value: JSON.stringify(applied) })
      await settle(batch, writes, store, breakage)
      activity[name].records += tickets.length
    }
  }
  return async () => {
    for (;;) {
      try {
        return await readOnce()
      } catch (error) {
        if (!isPatchbayError(error) || error.retry === 'never') throw error
        // The policies gave up for now. What was acknowledged is safe; the next read goes on from there.
        activity[name].readsRepeated++
        await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfterMs ?? 200, 2000)))
      }
    }
  }
}

const tell = answerParent({
  start,
  async sync(): Promise<void> {
    const news = setInterval(() => tell(activity), 50)
    try {
      await Promise.all(passes.map((one) => one()))
    } finally {
      clearInterval(news)
      tell(activity)
    }
  },
  async stop(): Promise<void> {
    await Promise.all(connections.map((connection) => connection.$close()))
    await storage.store.close()
  },
})
