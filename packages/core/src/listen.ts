import type { Call } from './call.ts'

/** Gives the call up when its caller's signal says so. @throws the signal's reason when it has said so already */
export function listen(call: Call, signal: AbortSignal): void {
  signal.throwIfAborted()
  const listener = (): void => call.cancel(signal.reason, true)
  signal.addEventListener('abort', listener, { once: true })
  call.unlisten = () => signal.removeEventListener('abort', listener)
}
