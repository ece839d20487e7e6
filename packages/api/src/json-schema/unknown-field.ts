import { nearestName } from './nearest-name.ts'
import { refused, type ValidationRun } from './validation-run.ts'

/** Says that a field is not known, and which one was probably meant. */
export function refuseUnknown(
  key: string,
  known: readonly (ReadonlyMap<string, unknown> | ReadonlySet<string>)[],
  run: ValidationRun,
): typeof refused {
  const names = known.flatMap((set) => [...set.keys()])
  const near = nearestName(key, names)
  const others = names.length === 0 ? 'there are no fields' : `there are ${names.slice(0, 12).join(', ')}`
  const start = run.findings.length
  run.refuse(
    `is not a field; ${near === undefined ? `${others}${names.length > 12 ? ', …' : ''}` : `did you mean ${near}?`}`,
  )
  run.within(start, key)
  return refused
}
