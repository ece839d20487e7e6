import { type Call, type Effect, type OperationSpec, type Risk, type Schema, schema } from '@patchbay/core'
import type { DeclaredClient } from '../declared-client.ts'
import type { OperationEntry, Values } from '../manifest-parts.ts'

export type Run = (client: DeclaredClient, input: Values, call: Call) => Promise<unknown>

/** What callers and policies read of an operation; schemas are compiled when the first call asks for them. */
export class DeclaredSpec implements OperationSpec<Values, unknown, Risk> {
  readonly name: string
  readonly effect: Effect
  readonly risk?: Risk
  readonly idempotency?: 'vendor-key'
  readonly cost?: number
  readonly scopes?: readonly string[]
  readonly summary: string
  readonly #makeInput: () => Schema<Values, Values>
  readonly #makeOutput: () => Schema
  #input: Schema<Values, Values> | undefined
  #output: Schema | undefined

  constructor(name: string, entry: OperationEntry, makeInput: () => Schema<Values, Values>, makeOutput: () => Schema) {
    const { effect, risk, idempotencyHeader, cost, scopes, summary } = entry
    this.name = name
    this.effect = effect
    this.summary = summary
    if (risk !== undefined) this.risk = risk
    if (idempotencyHeader !== undefined) this.idempotency = 'vendor-key'
    if (cost !== undefined) this.cost = cost
    if (scopes !== undefined) this.scopes = scopes
    this.#makeInput = makeInput
    this.#makeOutput = makeOutput
  }

  get input(): Schema<Values, Values> {
    this.#input ??= schemaOrFault(this.#makeInput)
    return this.#input
  }

  get output(): Schema {
    this.#output ??= schemaOrFault<unknown>(this.#makeOutput as () => Schema<unknown, unknown>)
    return this.#output
  }
}

/** Core reads schemas before a call is under way, where nothing may throw: what is wrong with the manifest shows when a value is checked. */
function schemaOrFault<T>(make: () => Schema<T, T>): Schema<T, T> {
  try {
    return make()
  } catch (thrown) {
    return schema<T>(() => {
      throw thrown
    }) as Schema<T, T>
  }
}

/** Something compiled for each version of the vendor's API that connections use; nearly always there is one. */
export class PerVersion<T> {
  readonly #compile: (apiVersion: string | undefined) => T
  readonly #others = new Map<string | undefined, T>()
  #version: string | undefined
  #first: T | undefined

  constructor(compile: (apiVersion: string | undefined) => T) {
    this.#compile = compile
  }

  for(apiVersion: string | undefined): T {
    if (this.#first !== undefined && this.#version === apiVersion) return this.#first
    let made = this.#others.get(apiVersion)
    if (made === undefined) {
      made = this.#compile(apiVersion)
      if (this.#first === undefined) {
        this.#first = made
        this.#version = apiVersion
      }
      this.#others.set(apiVersion, made)
    }
    return made
  }
}
