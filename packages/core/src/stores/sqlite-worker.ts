// Runs in the worker thread of a SQLite store: all changes of one store, so that no COMMIT stalls the event loop of the host.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { SqliteWriter } from './sqlite-engine.ts'
import { sqliteFacts } from './sqlite-errors.ts'
import {
  flattenResults,
  type SqliteReply,
  type SqliteRequest,
  type SqliteSettings,
  unflatten,
} from './sqlite-message.ts'
import { openForWriting } from './sqlite-schema.ts'

const settings = workerData as SqliteSettings
let database: DatabaseSync | undefined
let writer: SqliteWriter | undefined

function answer(request: SqliteRequest): SqliteReply {
  if (request.kind === 'close') {
    database?.close()
    return {}
  }
  if (writer === undefined) {
    database = openForWriting(DatabaseSync, settings)
    writer = new SqliteWriter(database)
  }
  if (request.kind === 'write') return { results: flattenResults(writer.write(unflatten(request.groups), request.now)) }
  if (request.kind === 'trim') return { done: writer.trim(request.log, request.upTo, request.limit) }
  return {}
}

parentPort?.on('message', (request: SqliteRequest) => {
  let reply: SqliteReply
  try {
    reply = answer(request)
  } catch (error) {
    reply = { failure: sqliteFacts(error, 'none') }
  }
  parentPort?.postMessage(reply)
  if (request.kind === 'close') parentPort?.close()
})
