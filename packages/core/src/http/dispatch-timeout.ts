import { Fault, type Sent } from '../errors.ts'

/** Longest wait for the header of a response when nobody set a deadline. */
export const answerMs = 300_000

/** What was waited for: a connection, the header of the response, or the next part of its body. */
export type Phase = 'connect' | 'answer' | 'body'

/** One phase took too long, though the whole did not yet. `target` is `host:port`. */
export function phaseFault(phase: Phase, target: string, ms: number, sent: Sent): Fault {
  if (phase === 'connect') return timeoutFault('connect-timeout', `no connection to ${target} within ${ms} ms`, sent)
  if (phase === 'answer') return timeoutFault('answer-timeout', `no answer from ${target} within ${ms} ms`, sent)
  return timeoutFault('body-idle', `${target} sent nothing of the body for ${ms} ms`, sent)
}

export function timeoutFault(code: string, message: string, sent: Sent): Fault {
  return new Fault({ kind: 'timeout', code, message, sent })
}
