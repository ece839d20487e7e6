import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Credential } from '../../credential.ts'
import { Fault, isPatchbayError, type PatchbayError } from '../../errors.ts'
import type { CredentialMarks, HttpRequest, HttpResponse, Transport } from '../../http/transport.ts'
import { readRequest, type SentRequest } from '../transports/sent-request.ts'
import { describeRequest, describeResponse } from './describe.ts'
import { type Fixture, fixtureText, type RecordedExchange } from './fixture.ts'
import { type RedactOptions, Redactor } from './redactor.ts'

export interface RecorderOptions {
  /** What really sends. */
  readonly transport: Transport
  readonly redact?: RedactOptions
  /** Its marks are redacted, and every value that it reveals must be absent from what is written. */
  readonly credential?: Pick<Credential, 'marks' | 'reveal'>
}

/** A transport that remembers what passes. Secrets are taken out before anything leaves it. */
export interface Recorder extends Transport {
  /**
   * The scenario so far, redacted.
   * @throws Error when a known secret is still in it, in any encoding; nothing of it is shown.
   */
  fixture(scenario: string): Promise<Fixture>
  /** Writes {@link fixture} to a file, making its folder. One file is one scenario. */
  save(file: string | URL, scenario: string): Promise<Fixture>
}

type FaultFacts = NonNullable<RecordedExchange['fault']>

interface Taken {
  readonly sent: SentRequest
  readonly marks: CredentialMarks
  response?: HttpResponse
  fault?: FaultFacts
  chunks: Uint8Array[]
  partial: boolean
}

export function recorder(options: RecorderOptions): Recorder {
  const { transport, credential } = options
  const taken: Taken[] = []

  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const sent = await readRequest(request)
    const entry: Taken = { sent, marks: marksOf(request, credential), chunks: [], partial: false }
    taken.push(entry)
    try {
      // The body was read to be recorded; a stream cannot be read twice.
      const response = await transport.send({ ...request, ...(request.body === undefined ? {} : { body: sent.body }) })
      entry.response = response
      entry.chunks.push(response.body)
      return response.stream === undefined ? response : { ...response, stream: overheard(response.stream, entry) }
    } catch (error) {
      const facts: FaultFacts | undefined =
        error instanceof Fault ? error.facts : isPatchbayError(error) ? fromError(error) : undefined
      // The caller's own reason for giving up is not an answer of the vendor.
      if (facts === undefined) taken.splice(taken.indexOf(entry), 1)
      else entry.fault = facts
      throw error
    }
  }

  const fixture = async (scenario: string): Promise<Fixture> => {
    const redactor = new Redactor(options.redact)
    for (const value of Object.values((await credential?.reveal?.()) ?? {})) redactor.learn(value)
    // Twice: what a later exchange shows to be a secret may already stand in an earlier one.
    describeAll(taken, redactor)
    const made: Fixture = { format: 'patchbay-fixture/1', scenario, exchanges: describeAll(taken, redactor) }
    const leak = redactor.leakIn(fixtureText(made))
    if (leak !== undefined)
      throw new Error(
        `the fixture "${redactor.text(scenario)}" was not written: ${leak} is still in it. Name the place where it stands in redact.json, ` +
          'redact.headers or redact.query, or record without it',
      )
    return made
  }

  return {
    send,
    close: () => transport.close(),
    fixture,
    async save(file, scenario) {
      const made = await fixture(scenario)
      await mkdir(dirname(file instanceof URL ? fileURLToPath(file) : file), { recursive: true })
      await writeFile(file, fixtureText(made))
      return made
    },
  }
}

function describeAll(taken: readonly Taken[], redactor: Redactor): RecordedExchange[] {
  return taken.map(({ sent, marks, response, fault, chunks, partial }) => ({
    request: describeRequest(sent, redactor, marks),
    ...(response === undefined
      ? {}
      : { response: describeResponse(response, Buffer.concat(chunks), redactor, partial) }),
    ...(fault === undefined ? {} : { fault: describeFault(fault, redactor) }),
  }))
}

function fromError({ kind, retry, sent, code, message, retryAfterMs }: PatchbayError): FaultFacts {
  return { kind, sent, code, message, retryAfterMs, retry: retry === 'never' ? 'never' : 'later' }
}

function describeFault(facts: FaultFacts, redactor: Redactor): FaultFacts {
  const { kind, retry, sent, code, message, retryAfterMs, freeRetry } = facts
  const entries = {
    kind,
    retry,
    sent,
    code,
    retryAfterMs,
    freeRetry,
    message: message === undefined ? undefined : redactor.text(message),
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as typeof entries
}

function marksOf(request: HttpRequest, credential: RecorderOptions['credential']): CredentialMarks {
  const of = (part: keyof CredentialMarks): string[] => [
    ...(request.credentialMarks?.[part] ?? []),
    ...(credential?.marks[part] ?? []),
  ]
  return { headers: of('headers').map((name) => name.toLowerCase()), query: of('query') }
}

async function* overheard(stream: AsyncIterable<Uint8Array>, entry: Taken): AsyncGenerator<Uint8Array> {
  entry.partial = true
  for await (const chunk of stream) {
    entry.chunks.push(chunk)
    yield chunk
  }
  entry.partial = false
}
