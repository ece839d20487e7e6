/**
 * The least that a splitter can do: finds where each object of one known array ends and parses it. It trusts the document in
 * everything: no path, no check of what stands around the records, no cut body noticed, no cap, objects in ASCII only.
 */
export async function idealSplit(chunks: AsyncIterable<Uint8Array>, take: (record: unknown) => void): Promise<void> {
  let open: Buffer | undefined
  let begun = false
  for await (const chunk of chunks) {
    const part = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes: Buffer = open === undefined ? part : Buffer.concat([open, part])
    let at = 0
    if (!begun) {
      at = bytes.indexOf('[') + 1
      begun = true
    }
    let depth = 0
    let start = -1
    for (; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === 0x22) {
        for (at++; at < bytes.length && bytes[at] !== 0x22; at++) if (bytes[at] === 0x5c) at++
      } else if (byte === 0x7b) {
        if (depth++ === 0) start = at
      } else if (byte === 0x7d && --depth === 0) {
        take(JSON.parse(bytes.toString('latin1', start, at + 1)))
        start = -1
      } else if (byte === 0x5d && depth === 0) {
        // The end of the array; the ideal splitter does not look at what follows.
        begun = true
        start = -1
        at = bytes.length
      }
    }
    open = start === -1 ? undefined : bytes.subarray(start)
  }
}
