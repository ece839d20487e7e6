import { dnsFaults } from './cases/dns.ts'
import { framingFaults } from './cases/framing.ts'
import { messageFaults, payloadFaults } from './cases/message.ts'
import { paceFaults } from './cases/pace.ts'
import { providerFaults } from './cases/provider.ts'
import { redirectFaults } from './cases/redirect.ts'
import { authFaults, conflictFaults, rateLimitFaults, serverErrorFaults } from './cases/status.ts'
import { tlsFaults } from './cases/tls.ts'
import { wireFaults } from './cases/wire.ts'
import type { FaultCase } from './fault-case.ts'

/** Every fault that {@link import('./server/fault-server.ts').faultServer} can play, as data: one loop runs them through any client. */
export const faults: readonly FaultCase[] = [
  ...wireFaults,
  ...messageFaults,
  ...paceFaults,
  ...framingFaults,
  ...payloadFaults,
  ...redirectFaults,
  ...rateLimitFaults,
  ...serverErrorFaults,
  ...authFaults,
  ...conflictFaults,
  ...dnsFaults,
  ...tlsFaults,
  ...providerFaults,
]

const byId = new Map(faults.map((fault) => [fault.id, fault]))

export function knownFault(id: string): FaultCase | undefined {
  return byId.get(id)
}

/** @throws RangeError for an id that does not exist. */
export function faultById(id: string): FaultCase {
  const fault = knownFault(id)
  if (fault === undefined) throw new RangeError(`there is no fault "${id}"; the list \`faults\` has every id`)
  return fault
}
