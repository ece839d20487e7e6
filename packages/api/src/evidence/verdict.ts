import type { Contradiction, Fact } from './evidence.ts'

/** What the steps of one check tell. */
export class Verdict {
  readonly contradictions: Contradiction[] = []
  readonly doubts: string[] = []

  contradict(fact: Fact, name: string, message: string): void {
    const known = this.contradictions.some((one) => one.fact === fact && one.message === message)
    if (!known) this.contradictions.push({ fact, name, message })
  }

  doubt(message: string): void {
    if (!this.doubts.includes(message)) this.doubts.push(message)
  }
}
