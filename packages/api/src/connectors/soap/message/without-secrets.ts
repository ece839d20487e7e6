import { Fault } from '@patchbay/core'

/** A fault without the secrets that stand in the message's own security, which HTTP's clean-up does not know. */
export function withoutSecrets({ facts }: Fault, secrets: readonly string[]): Fault {
  const holds = (text: string): boolean => secrets.some((secret) => secret !== '' && text.includes(secret))
  const clean = (text: string): string =>
    secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '[secret]')), text)
  const shown = (text: string | undefined): string | undefined => (text === undefined || holds(text) ? undefined : text)
  return new Fault({
    ...facts,
    message: facts.message === undefined ? undefined : clean(facts.message),
    code: shown(facts.code),
    requestId: shown(facts.requestId),
    issues: facts.issues?.map(({ path, message }) => ({ path: clean(path), message: clean(message) })),
  })
}
