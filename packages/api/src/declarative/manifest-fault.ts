import { Fault } from '@patchbay/core'

/** The manifest is wrong in a way that its lint would have told. Nothing was sent. */
export function manifestFault(path: string, message: string): Fault {
  return new Fault({
    kind: 'config',
    code: 'manifest',
    sent: 'none',
    message: 'the manifest of this integration cannot be used; `patchbay validate` tells more',
    issues: [{ path, message }],
  })
}

/** The caller's value cannot be sent. */
export function inputFault(path: string, message: string): Fault {
  return new Fault({
    kind: 'invalid-input',
    sent: 'none',
    message: 'the input is not valid',
    issues: [{ path, message }],
  })
}
