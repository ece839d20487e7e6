import type { SeededRandom } from '../time/seeded-random.ts'
import type { Piece, Toxic } from './toxic.ts'

/** What a toxic does to pieces that come along. Stages hold the state of one toxic on one direction of one connection. */
export type Stage = (pieces: readonly Piece[]) => readonly Piece[]

const nothing = Buffer.alloc(0)
/** Parts of a second into which a narrow line cuts what it carries. */
const bandwidthSlices = 50

export function stageOf(toxic: Toxic, random: SeededRandom): Stage {
  switch (toxic.type) {
    case 'latency':
      return later(() => toxic.ms)
    case 'jitter':
      return later(() => random.between(0, toxic.mostMs))
    case 'bandwidth':
      return bandwidth(toxic.bytesPerSecond)
    case 'slicer':
      return slicer(toxic.bytes, toxic.variation ?? 0, toxic.delayMs ?? 0, random)
    case 'limit':
      return afterBytes(toxic.bytes, 'finish')
    case 'reset':
      return toxic.afterBytes === undefined ? (pieces) => pieces : afterBytes(toxic.afterBytes, 'reset')
    case 'timeout':
      return () => []
    case 'corrupt':
      return (pieces) => pieces.map((piece) => corrupt(piece, toxic.everyBytes, random))
    case 'half-open':
      return afterBytes(toxic.afterBytes ?? 0, undefined)
  }
}

function later(wait: () => number): Stage {
  return (pieces) => pieces.map((piece) => ({ ...piece, dueAt: piece.dueAt + wait() }))
}

function bandwidth(bytesPerSecond: number): Stage {
  let freeAt = 0
  const size = Math.max(1, Math.ceil(bytesPerSecond / bandwidthSlices))
  return (pieces) =>
    pieces.flatMap((piece) =>
      cut(piece, () => size).map((part) => {
        freeAt = Math.max(freeAt, part.dueAt) + (part.bytes.length / bytesPerSecond) * 1000
        return { ...part, dueAt: freeAt }
      }),
    )
}

function slicer(bytes: number, variation: number, delayMs: number, random: SeededRandom): Stage {
  const size = (): number => Math.max(1, Math.round(random.between(bytes - variation, bytes + variation)))
  return (pieces) =>
    pieces.flatMap((piece) => cut(piece, size).map((part, index) => ({ ...part, dueAt: part.dueAt + index * delayMs })))
}

/** Lets `most` bytes through, then ends; or falls silent when `end` is undefined. */
function afterBytes(most: number, end: Piece['end']): Stage {
  let left = most
  let over = false
  return (pieces) => {
    const through: Piece[] = []
    for (const piece of pieces) {
      if (over) break
      if (piece.bytes.length < left || (piece.end !== undefined && left > 0)) {
        left -= piece.bytes.length
        through.push(piece)
        continue
      }
      through.push({ bytes: piece.bytes.subarray(0, left), dueAt: piece.dueAt, end })
      over = true
    }
    return through
  }
}

function corrupt(piece: Piece, everyBytes: number, random: SeededRandom): Piece {
  const bytes = Buffer.from(piece.bytes)
  for (const [index, byte] of bytes.entries())
    if (random.next() < 1 / everyBytes) bytes[index] = byte ^ (1 << random.below(8))
  return { ...piece, bytes }
}

/** Cuts one piece; an end stays with the last part. */
function cut(piece: Piece, size: () => number): Piece[] {
  const parts: Piece[] = []
  for (let at = 0; at < piece.bytes.length; ) {
    const end = at + size()
    parts.push({ bytes: piece.bytes.subarray(at, end), dueAt: piece.dueAt })
    at = end
  }
  if (piece.end !== undefined) parts.push({ bytes: nothing, dueAt: piece.dueAt, end: piece.end })
  return parts
}
