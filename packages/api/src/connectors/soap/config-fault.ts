import { Fault } from '@patchbay/core'

export function configFault(path: string, message: string): Fault {
  return new Fault({ kind: 'config', sent: 'none', issues: [{ path, message }] })
}
