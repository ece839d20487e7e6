import { produce, type Run, spend } from './budget.ts'
import { ExpressionError } from './expression-error.ts'

export type ValueType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** Lists and objects inside one another, as deep as comparing, printing and measuring go. */
const deepest = 500

/** The type in the words of JMESPath. What JSON does not know (undefined, functions, symbols) is null. */
export function typeOf(value: unknown): ValueType {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
    case 'bigint':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'array' : 'object'
    default:
      return 'null'
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** False for null, false, the empty text, the empty list and the empty object; 0 is true. */
export function isTrue(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value !== ''
    case 'number':
    case 'bigint':
      return true
    case 'object':
      if (value === null) return false
      if (Array.isArray(value)) return value.length > 0
      for (const key in value) if (Object.hasOwn(value, key)) return true
      return false
    default:
      return false
  }
}

export function equal(left: unknown, right: unknown, run: Run, depth = 0): boolean {
  if (typeof left === 'string') {
    if (typeof right !== 'string' || left.length !== right.length) return false
    if (left.length > 1024) spend(run, left.length >>> 10)
    return left === right
  }
  if (typeof left === 'bigint' || typeof right === 'bigint') {
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are equal
    return typeOf(left) === 'number' && typeOf(right) === 'number' && left == right
  }
  const type = typeOf(left)
  if (type !== typeOf(right)) return false
  if (type !== 'array' && type !== 'object') return type === 'null' || left === right
  if (depth > deepest) throw tooDeep()
  return type === 'array'
    ? sameElements(left as unknown[], right as unknown[], run, depth)
    : sameProperties(left as Record<string, unknown>, right as Record<string, unknown>, run, depth)
}

function sameElements(left: readonly unknown[], right: readonly unknown[], run: Run, depth: number): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) {
    spend(run, 1)
    if (!equal(left[index], right[index], run, depth + 1)) return false
  }
  return true
}

function sameProperties(
  left: Record<string, unknown>,
  right: Record<string, unknown>,
  run: Run,
  depth: number,
): boolean {
  const keys = Object.keys(left)
  spend(run, keys.length)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key], run, depth + 1))
}

/** By code point: UTF-16 order puts the upper planes before U+E000. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  const shorter = Math.min(left.length, right.length)
  for (let index = 0; index < shorter; index++) {
    const one = left.charCodeAt(index)
    const other = right.charCodeAt(index)
    if (one !== other) return one >= 0xd800 && other >= 0xd800 ? weight(one) - weight(other) : one - other
  }
  return left.length - right.length
}

function weight(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** Gives `target` a property of its own whatever the name is: `__proto__` changes no prototype, and frozen intrinsics do not refuse `toString`. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key in Object.prototype) {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  } else target[key] = value
}

/** Freezes a value that the compiled text holds: who changes a result must not change the next one. */
export function frozen<T>(value: T): T {
  const waiting: unknown[] = [value]
  for (const part of waiting) {
    if (typeof part !== 'object' || part === null || Object.isFrozen(part)) continue
    Object.freeze(part)
    for (const inner of Object.values(part)) waiting.push(inner)
  }
  return value
}

/** The JSON text, paid for while it is made. */
export function toJsonText(value: unknown, run: Run, depth = 0): string {
  let text: string
  switch (typeOf(value)) {
    case 'string':
      produce(run, (value as string).length)
      text = JSON.stringify(value)
      break
    case 'array':
      if (depth > deepest) throw tooDeep()
      text = `[${(value as unknown[]).map((element) => toJsonText(element, run, depth + 1)).join(',')}]`
      break
    case 'object':
      if (depth > deepest) throw tooDeep()
      text = `{${Object.entries(value as object)
        .filter(([, part]) => part !== undefined)
        .map(([key, part]) => `${toJsonText(key, run)}:${toJsonText(part, run, depth + 1)}`)
        .join(',')}}`
      break
    case 'number':
      text = typeof value === 'number' && !Number.isFinite(value) ? 'null' : String(value)
      break
    case 'boolean':
      text = String(value)
      break
    default:
      text = 'null'
  }
  produce(run, 1)
  return text
}

/** Pays for a result as the tree that JSON would show: parts that stand in it twice count twice. */
export function measure(value: unknown, run: Run, depth = 0): void {
  produce(run, 1)
  if (typeof value === 'string') produce(run, value.length)
  if (typeof value !== 'object' || value === null) return
  if (depth > deepest) throw tooDeep()
  if (Array.isArray(value)) for (const element of value) measure(element, run, depth + 1)
  else {
    for (const key of Object.keys(value)) {
      produce(run, key.length)
      measure((value as Record<string, unknown>)[key], run, depth + 1)
    }
  }
}

function tooDeep(): ExpressionError {
  const problem = `a value nests more than ${deepest} levels`
  return new ExpressionError('output-budget', problem, 0, 'select a part of it')
}
