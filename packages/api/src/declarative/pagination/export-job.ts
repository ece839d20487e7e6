import { Fault } from '@patchbay/core'
import { type ClientRequest, type Paging, pathReader, type Reply } from '@patchbay/core/http'
import { compileCondition, compileSelector } from '../answers/read-value.ts'
import type { PaginationEntry, Values } from '../manifest-parts.ts'
import { splitRequest } from '../requests/compile-request.ts'
import { compilePath } from '../requests/path-template.ts'
import { idText, noPosition, readPosition } from './position-text.ts'

type Exported = Extract<PaginationEntry, { kind: 'export-job' }>

const mostChunks = 10_000

/**
 * A list that the vendor first writes down: the first request starts the job, the following ones ask whether it is done, the last ones
 * fetch its chunks. Each of them is a page; those before the chunks have no records. Positions: `["poll", n, job]`, `["chunk", job, id…]`.
 */
export function exportJob(entry: Exported, items: string, where: string): Paging {
  const { job, poll, chunks, download } = entry
  const readJob = pathReader(job)
  const readItems = pathReader(items)
  const done = compileCondition(poll.done, `${where}.poll.done`)
  const failed = poll.failed === undefined ? undefined : compileCondition(poll.failed, `${where}.poll.failed`)
  const chunksOf = chunks === undefined ? undefined : compileSelector(chunks, `${where}.chunks`)
  const askPoll = requestOf(poll.request, `${where}.poll.request`)
  const askChunk = requestOf(download.request, `${where}.download.request`)
  const form = download.format ?? 'json'

  const afterPoll = (reply: Reply, count: number, id: string): string | undefined => {
    if (failed?.(reply.value) === true) {
      const message = 'the vendor could not prepare the list: its export job failed'
      throw new Fault({ kind: 'unavailable', code: 'export-failed', retry: 'never', sent: 'all', message })
    }
    if (!done(reply.value)) return JSON.stringify(['poll', String(count + 1), id])
    const ids = chunksOf === undefined ? [''] : chunkIds(chunksOf(reply.value))
    return ids.length === 0 ? undefined : JSON.stringify(['chunk', id, ...ids])
  }
  return {
    waitMs: (position) => (position !== undefined && readPosition(position, 2)[0] === 'poll' ? poll.everyMs : 0),
    request(base, position) {
      if (position === undefined) return base
      const [step, first = '', second = ''] = readPosition(position, 3)
      if (step === 'poll') return askPoll(base, { job: second })
      if (step !== 'chunk') throw noPosition()
      return { ...askChunk(base, { job: first, chunk: second }), expect: form === 'json' ? 'json' : 'text' }
    },
    items(reply, position) {
      if (position === undefined || readPosition(position, 3)[0] === 'poll') return []
      if (form === 'json') return undefined
      return listOf(reply.value)
    },
    next({ reply, position }) {
      if (position === undefined) return JSON.stringify(['poll', '1', idText(readJob(reply.value), job)])
      const [step, first = '', ...rest] = readPosition(position, 3)
      if (step === 'poll') return afterPoll(reply, Number(first), rest[0] as string)
      const left = rest.slice(1)
      return left.length === 0 ? undefined : JSON.stringify(['chunk', first, ...left])
    },
  }

  function listOf(value: unknown): readonly unknown[] {
    const found = Array.isArray(value) ? value : readItems(value)
    return Array.isArray(found) ? found : []
  }
}

function chunkIds(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : []
  if (list.length > mostChunks) {
    const message = `the export of the vendor has more than ${mostChunks} chunks`
    throw new Fault({ kind: 'protocol', code: 'too-many-chunks', sent: 'all', message })
  }
  return list.map((one) => idText(one, 'chunks'))
}

/** A further request of the list; ids become part of one segment each, so that no position leads elsewhere. */
function requestOf(request: string, where: string): (base: ClientRequest, ids: Values) => ClientRequest {
  const { method, path: template, query } = splitRequest(request, where)
  const path = compilePath(
    template,
    (name) => (name === 'job' || name === 'chunk' ? { input: name } : undefined),
    where,
  )
  return ({ headers, accept }, ids) => ({ method, path: path(ids), query, headers, accept })
}
