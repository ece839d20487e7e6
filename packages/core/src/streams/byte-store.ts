/** Bytes that grow by doubling, so that a record over many chunks is copied a constant number of times. */
export class ByteStore {
  bytes: Buffer<ArrayBuffer>
  length = 0

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  append(source: Uint8Array, from: number, to: number): void {
    const needed = this.length + to - from
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, this.length)
      this.bytes = grown
    }
    this.bytes.set(source.subarray(from, to), this.length)
    this.length = needed
  }

  push(byte: number): void {
    if (this.length === this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(this.bytes.length * 2)
      this.bytes.copy(grown, 0, 0, this.length)
      this.bytes = grown
    }
    this.bytes[this.length++] = byte
  }

  /** Drops what stands between `to` and `from`, moving the rest down. */
  close(to: number, from: number): void {
    this.bytes.copyWithin(to, from, this.length)
    this.length -= from - to
  }
}
