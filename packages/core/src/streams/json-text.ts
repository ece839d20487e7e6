import { isAscii, isUtf8 } from 'node:buffer'
import { brokenStream } from './stream-error.ts'

/** Parses a run of bytes as one JSON text. The engine's message would quote the body, so it is not kept. */
export function parseBytes(bytes: Buffer, from: number, to: number): unknown {
  const run = bytes.subarray(from, to)
  const ascii = isAscii(run)
  if (!ascii && !isUtf8(run)) throw brokenStream('charset', 'the body is not valid UTF-8')
  try {
    return JSON.parse(run.toString(ascii ? 'latin1' : 'utf8'))
  } catch {
    throw brokenStream('bad-json', 'the body holds a record that is not JSON')
  }
}
